"""The command `emc`."""
