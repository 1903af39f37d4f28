"""Disputes: frozen rates, what is objected to, and lists compared with what is counted."""
