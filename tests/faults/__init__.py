"""Real processes made to fail: what is killed, stopped or refused, and what must be right afterwards."""
