"""The engine as strangers may use it: only reading, only so much."""
