"""Versions of rows: places in the log, strictly increasing for every write of an agency.

A version packs the broker's append time of the newest message folded (milliseconds) and its offset into
128 bits, and leaves 20 bits for writes without a message (a reconciliation, the renewal at midnight). The
milliseconds of an agency never fall: where a clock stepped back, the offset alone decides. So a late write
of an old owner, which has read less of the log, loses; also after partitions were added and after a topic
was created anew.
"""

_OFFSET_BITS = 63
_SPARE_BITS = 20


def at(appended_ms: int, offset: int) -> int:
    """The version that belongs to a place in the log."""
    return (appended_ms << _OFFSET_BITS | offset) << _SPARE_BITS


def following(last: int, appended_ms: int = 0, offset: int = 0) -> int:
    """The version of an agency's next write: its place in the log, or the smallest one above the last."""
    newest = max(appended_ms, last >> (_OFFSET_BITS + _SPARE_BITS))
    return max(at(newest, offset), last + 1)
