"""Who asks: an operator or an agency, with the scopes that say what for."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from emc.errors import InputError


class Scope(StrEnum):
    """What a caller may do; `admin` is for operators only."""

    EVENTS_WRITE = "events:write"
    RATES_READ = "rates:read"
    DOSSIERS_READ = "dossiers:read"
    ADMIN = "admin"


EVERY_SCOPE = frozenset(Scope)


class Caller(msgspec.Struct, frozen=True):
    """Whoever asks. `agency`: its level-1 code, None for an operator.

    `name` and `token` tell in logs who it was; `token` is the id of a token, never the token itself.
    """

    agency: str | None
    scopes: frozenset[Scope]
    name: str = ""
    token: str = ""


def scopes_of(names: Iterable[str], agency: str | None) -> frozenset[Scope]:
    """Scopes by name; InputError for a name that is none, for none at all, for `admin` of an agency."""
    found = set()
    for name in names:
        try:
            found.add(Scope(name))
        except ValueError:
            raise InputError(f"scope is {name!r}, expected one of {', '.join(Scope)}") from None
    if not found:
        raise InputError(f"no scope was given, expected any of {', '.join(Scope)}")
    if agency is not None and Scope.ADMIN in found:
        raise InputError("scope is 'admin', expected it for operators only")
    return frozenset(found)
