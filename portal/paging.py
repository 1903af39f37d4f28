"""Lists in pages: at most so many at once, and a cursor with which the next request goes on."""

import base64
import binascii
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from emc.errors import InputError

T = TypeVar("T")
Key = tuple[Any, ...]


def cursor_of(key: Key) -> str:
    """A place in a list, as text that an address can hold."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def place_of(cursor: str, form: Any) -> Any:
    """The place that a cursor stands for; InputError for text that is no cursor of this list."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        return msgspec.json.decode(base64.b64decode(padded, b"-_", validate=True), type=form)
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        raise InputError(
            "cursor is none of this list, expected what an earlier answer gave as next"
        ) from None


def page_of(
    found: Sequence[T], key: Callable[[T], Key], limit: int, after: Key | None
) -> tuple[list[T], str | None]:
    """The part of a list, sorted by `key`, that follows a place, and the cursor of what follows that."""
    begin = 0 if after is None else bisect_right(found, after, key=key)
    page = list(found[begin : begin + limit])
    return page, cursor_of(key(page[-1])) if begin + limit < len(found) and page else None


def checked_limit(limit: int, most: int) -> int:
    """The limit; InputError outside 1 … `most`."""
    if not 1 <= limit <= most:
        raise InputError(f"limit is {limit}, expected 1 to {most}")
    return limit
