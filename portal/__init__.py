"""The API for agencies, operators and programs."""
