"""What this worker owns: each agency's state, how it moves, and how it is taken over and mended.

Nothing here reads Kafka or decides when a batch begins.
"""
