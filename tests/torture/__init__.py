"""The torture: random faults against real processes, then an independent count of everything."""
