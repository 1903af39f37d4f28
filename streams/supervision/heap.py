"""The C library's heap, in which values, blocks and columns lie that are larger than Python's own pools take.

glibc gives every thread that waits for another an arena of its own, eight a core, and keeps what is freed in
it: a worker's threads (stream, judging, inserts, fetching) left a batch's memory in each. Over two million
events in messages of a mebibyte two arenas held 897 MiB where eight a core held 1 010.
"""

import ctypes
from typing import Any

_ARENAS = 2
_M_ARENA_MAX = -8


def share_arenas() -> bool:
    """From now on threads share two arenas; false where the C library has no such setting."""
    return bool(_call("mallopt", _M_ARENA_MAX, _ARENAS))


def give_back() -> bool:
    """Gives pages that are free to the system; true when there were some."""
    return bool(_call("malloc_trim", 0))


def _call(name: str, *arguments: Any) -> int:
    """The C library's function; 0 where it has none of that name, as on systems without glibc."""
    function = getattr(ctypes.CDLL(None), name, None)
    return int(function(*arguments)) if function else 0
