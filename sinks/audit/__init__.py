"""Everything computed a second way, in SQL, and compared with what the stream wrote.

Nothing here is used by the stream's own calculation.
"""
