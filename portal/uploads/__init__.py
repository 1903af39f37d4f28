"""Files uploaded on a page: kept for a while, looked through, sent; by the engine that `emc import` uses."""
