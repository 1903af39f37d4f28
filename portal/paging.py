"""Lists in pages: at most so many at once, and a cursor with which the next request goes on."""

import base64
import binascii
from bisect import bisect_right
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, TypeVar

import msgspec
from fastapi import Response

from emc.errors import InputError
from portal.described import answer
from portal.parameters import PageParameters

T = TypeVar("T")
Key = tuple[Any, ...]
MOST = 1000
"""Rows of a page, where nothing else is said."""


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


def paged(
    name: str, found: Sequence[dict[str, Any]], key: tuple[str, ...], asked: PageParameters
) -> Response:
    """The answer with the page asked for of a whole list, in the order of `key`, null as "".

    Without a key the list stays in its order, and its rows are told by their places.
    """
    rows = [(_key_of(row, key) or (place,), row) for place, row in enumerate(found)]
    rows.sort(key=itemgetter(0))
    limit, after = checked_limit(asked.limit, MOST), None
    if asked.cursor is not None:
        form: Any = tuple.__class_getitem__(tuple(map(type, rows[0][0]))) if rows else Key
        after = place_of(asked.cursor, form)
    page, following = page_of(rows, itemgetter(0), limit, after)
    return answer({name: [row for _, row in page], "next": following})


def _key_of(row: dict[str, Any], key: tuple[str, ...]) -> Key:
    return tuple("" if row[part] is None else row[part] for part in key)
