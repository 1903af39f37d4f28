"""What of a refused event may be shown: never a value, and no id or name that could be a person's number.

Refused bytes lie in their topic alone. What tables, API and logs show beside the reason passes through here.
"""

import re
from functools import lru_cache
from hashlib import sha256

from emc import identifiers

_ANY_NAME = "*"
_LETTERS_APART = 2
_plain = re.compile(r"[A-Za-z0-9._:/-]+").fullmatch
PERSONAL_RUN = r"(?:^|[^0-9A-Za-z])(?:[0-9]{9}|[0-9]{12})(?:[^0-9A-Za-z]|$)"
"""Exactly 9 or 12 digits with no letter or digit beside them, as identity numbers have: for search, also by
ClickHouse."""
_personal_run = re.compile(PERSONAL_RUN).search


def looks_personal(text: str) -> bool:
    """Whether the text holds a run of digits as long as an identity number."""
    return _personal_run(text) is not None


def shown_id(id_: str) -> str:
    """A refused event's id as it may be shown: as it came, or its digest, which its sender can compute."""
    if _plain(id_) and not looks_personal(id_):
        return id_
    return "sha256:" + sha256(id_.encode()).hexdigest()[:16]


def shown_dossier(subject: object) -> str:
    """A refused event's dossier code; empty for another text, and where it holds a person's number."""
    is_code = isinstance(subject, str) and identifiers.dossier_agency(subject) is not None
    return str(subject) if is_code and not looks_personal(str(subject)) else ""


def shown_source(source: object) -> str:
    """A refused event's source; empty for any other text, and for one that holds a person's number."""
    is_source = isinstance(source, str) and identifiers.source_agency(source) is not None
    return str(source) if is_source and not looks_personal(str(source)) else ""


def listed_source(source: str) -> str:
    """A source as labels, logs and operators' lists name it: with a digest where it holds a person's number.

    Two sources stay two; the agency itself sees its own as it sent them.
    """
    if not looks_personal(source):
        return source
    digest = sha256(source.encode()).hexdigest()[:16]
    return f"/agencies/{identifiers.source_agency(source)}/sha256:{digest}"


def listed_file(name: str) -> str:
    """A file's name as operators' lists show it, by the same rule."""
    return name if not looks_personal(name) else "sha256:" + sha256(name.encode()).hexdigest()[:16]


@lru_cache(maxsize=4096)
def _nearest(name: str, known: tuple[str, ...]) -> bool:
    return any(_is_near(name, each, _LETTERS_APART) for each in known)


def shown_name(name: str, known: tuple[str, ...]) -> str:
    """The name of an unknown field where it is a slip of the pen for a known one; `*` for any other."""
    longest = max(map(len, known), default=0) + _LETTERS_APART
    if len(name) > longest or not _nearest(name, known):
        return _ANY_NAME
    return name if name.isprintable() else _ANY_NAME


def _is_near(one: str, other: str, letters: int) -> bool:
    """Whether so many letters changed, left out or added lead from one to the other."""
    if abs(len(one) - len(other)) > letters:
        return False
    same = 0
    while same < len(one) and same < len(other) and one[same] == other[same]:
        same += 1
    one, other = one[same:], other[same:]
    if not one or not other:
        return True  # what is left of one of them is short enough
    if letters == 0:
        return False
    return (
        _is_near(one[1:], other[1:], letters - 1)
        or _is_near(one[1:], other, letters - 1)
        or _is_near(one, other[1:], letters - 1)
    )
