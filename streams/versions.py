"""Versions of rows: places in the log, strictly increasing for every write of an agency.

A version packs the broker's append time of the newest message folded (milliseconds) and its offset into
128 bits, and leaves 20 bits for writes without a message (a reconciliation, the renewal at midnight). So a
late write of an old owner, which has read less of the log, loses; also after partitions were added, after
a topic was created anew, and when a clock steps back.
"""

_OFFSET_BITS = 63
_SPARE_BITS = 20


def at(appended_ms: int, offset: int) -> int:
    """The version that belongs to a place in the log."""
    return (appended_ms << _OFFSET_BITS | offset) << _SPARE_BITS


def following(last: int, place: int = 0) -> int:
    """The version of an agency's next write: the place's, or the smallest one above the last."""
    return max(place, last + 1)
