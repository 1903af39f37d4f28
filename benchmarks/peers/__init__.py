"""Other stream processors on the same topic: a process each, which prints a `plain.Found` as JSON."""
