"""The unit of work: slices judged, folded and made durable in one order.

No agency's state is kept here between two batches.
"""
