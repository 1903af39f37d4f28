"""Measurements of the whole path and of its parts; `make bench` runs the first."""
