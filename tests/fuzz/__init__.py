"""Records that any client could write, in mixtures drawn from a seed, against a real worker and broker."""
