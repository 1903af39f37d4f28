"""What Prometheus scrapes: every metric's name and meaning, and the exporter that reads them."""
