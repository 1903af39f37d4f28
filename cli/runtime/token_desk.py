"""Making, listing and revoking tokens: in the tables themselves, or by the service that holds them."""

import re
from collections.abc import Mapping
from typing import Any

from emc.access import scopes_of
from emc.agency_search import unregistered
from emc.errors import InputError
from emc.instants import DAY, HANOI, HOUR, format_instant, now_us
from emc.registry import Registry
from sinks.access.record import Happening, write_record
from sinks.access.tokens import Token, TokenStore, scopes_text
from sinks.clickhouse.database import Database

_LENGTH = re.compile(r"([1-9][0-9]{0,3})([hdw])").fullmatch
_UNITS = {"h": HOUR, "d": DAY, "w": 7 * DAY}
_NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,100}").fullmatch
SOON = 7 * DAY


class TokenDesk:
    """What `emc token` asks for; InputError for what was asked wrongly."""

    def __init__(self, database: Database, registry: Registry) -> None:
        self._database, self._registry = database, registry
        self._store = TokenStore(database)

    def serve(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Carries out one of `create`, `list` and `revoke`, named by `do`."""
        if asked["do"] == "create":
            return self._create(asked["name"], asked["agency"], asked["scopes"], asked["expires"])
        if asked["do"] == "revoke":
            return self._revoke(asked["id"])
        return {"tokens": [told_of(token) for token in self._store.all()]}

    def _create(
        self, name: str, agency: str | None, scopes: list[str], expires: str | None
    ) -> dict[str, Any]:
        if _NAME(name) is None:
            raise InputError("name is not usable, expected 1 to 100 characters without control characters")
        if agency is not None and agency not in self._registry:
            raise unregistered("agency", agency, self._registry)
        ends_at = None if expires is None else (now_us() + _length(expires)) // 1000
        made = self._store.create(name, agency, scopes_of(scopes, agency), ends_at)
        self._note("token_made", made.token)
        told = told_of(made.token)
        return {"id": told["id"], "token": made.secret, **told}

    def _revoke(self, id_: str) -> dict[str, Any]:
        token = self._store.revoke(id_)
        self._note("token_revoked", token)
        return told_of(token)

    def _note(self, what: Any, token: Token) -> None:
        caller = token.caller
        happened = Happening(now_us() // 1000, what, caller.agency, token.id, caller.name)
        write_record(self._database, [happened])


def told_of(token: Token) -> dict[str, Any]:
    """What is shown of a token: never the token, nor its digest."""
    now = now_us() // 1000
    held = token.holds(now)
    ends_soon = token.expires_at is not None and token.expires_at - now < SOON // 1000
    state = "expires soon" if held and ends_soon else "holds" if held else "revoked"
    if not held and token.revoked_at is None:
        state = "expired"
    return {
        "id": token.id,
        "name": token.caller.name,
        "agency": token.caller.agency,
        "scopes": scopes_text(token.caller).split(","),
        "state": state,
        "made_at": _instant(token.made_at),
        "expires_at": _instant(token.expires_at),
        "revoked_at": _instant(token.revoked_at),
        "used_at": _instant(token.used_at),
    }


def _instant(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else format_instant(milliseconds * 1000, HANOI)


def _length(text: str) -> int:
    """A length of time in microseconds."""
    found = _LENGTH(text)
    if found is None:
        raise InputError(f"expires is {text!r}, expected a number of hours, days or weeks: 12h, 90d, 4w")
    return int(found[1]) * _UNITS[found[2]]
