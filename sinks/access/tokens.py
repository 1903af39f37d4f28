"""Tokens in their table: made, listed, revoked. Only a digest is stored, which opens nothing."""

import hashlib
import secrets
from typing import Any, NamedTuple

import msgspec

from emc.access import Caller, Scope
from emc.errors import InputError
from emc.instants import now_us
from sinks.clickhouse.database import Database

PREFIX = "emc_"
_ROW = """
    SELECT t.id, t.hash, t.name, t.agency, t.scopes, t.made_at, t.expires_at, t.revoked_at, u.used_at
    FROM (SELECT * FROM tokens FINAL) AS t
    LEFT JOIN (SELECT id, max(used_at) AS used_at FROM token_uses GROUP BY id) AS u ON u.id = t.id
    ORDER BY t.made_at, t.id
"""


class Token(msgspec.Struct, frozen=True):
    """A token as it is kept: whom it stands for and until when; instants in milliseconds, None: never."""

    id: str
    hash: str
    caller: Caller
    made_at: int
    expires_at: int | None
    revoked_at: int | None
    used_at: int | None = None

    def holds(self, now: int) -> bool:
        """Whether it opens anything at this moment (ms)."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class Made(NamedTuple):
    """A new token; `secret` is shown once and kept nowhere."""

    token: Token
    secret: str


def digest(secret: str) -> str:
    """What is stored of a secret of 256 random bits; nothing slower is needed against guessing it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def new_secret(prefix: str = PREFIX) -> str:
    """256 random bits, as text that survives a header, a shell and a form."""
    return prefix + secrets.token_urlsafe(32)


class TokenStore:
    """The table of tokens; ComponentError when the engine is away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self, name: str, agency: str | None, scopes: frozenset[Scope], expires_at: int | None = None
    ) -> Made:
        """A new token for an agency, or (None) for an operator."""
        secret, id_, now = new_secret(), secrets.token_hex(6), now_us() // 1000
        token = Token(id_, digest(secret), Caller(agency, scopes, name, id_), now, expires_at, None)
        self._write(token, now)
        return Made(token, secret)

    def all(self) -> list[Token]:
        """Every token, also those that hold no more, the oldest first."""
        return [_token(row) for row in self._database.rows(_ROW)]

    def revoke(self, id_: str) -> Token:
        """Ends a token; again does nothing. InputError when there is none of that id."""
        found = next((token for token in self.all() if token.id == id_), None)
        if found is None:
            raise InputError("there is no token of that id; `emc token list` shows them")
        if found.revoked_at is not None:
            return found
        now = max(now_us() // 1000, found.made_at + 1)
        revoked = msgspec.structs.replace(found, revoked_at=now)
        self._write(revoked, now)
        return revoked

    def note_uses(self, uses: dict[str, int]) -> None:
        """Keeps when tokens were last used (ms), by id."""
        if uses:
            self._database.insert("token_uses", {"id": list(uses), "used_at": list(uses.values())})

    def _write(self, token: Token, version: int) -> None:
        row: dict[str, list[Any]] = {
            "id": [token.id],
            "hash": [token.hash],
            "name": [token.caller.name],
            "agency": [token.caller.agency or ""],
            "scopes": [scopes_text(token.caller)],
            "made_at": [token.made_at],
            "expires_at": [token.expires_at],
            "revoked_at": [token.revoked_at],
            "version": [version],
        }
        self._database.insert("tokens", row)


def scopes_text(caller: Caller) -> str:
    """The scopes as they are stored and shown."""
    return ",".join(sorted(caller.scopes))


def caller_from(row: dict[str, Any], token: str) -> Caller:
    """The caller in a row with agency, scopes and name."""
    scopes = frozenset(map(Scope, row["scopes"].split(",")))
    return Caller(row["agency"] or None, scopes, row["name"], token)


def _token(row: dict[str, Any]) -> Token:
    return Token(
        row["id"],
        row["hash"],
        caller_from(row, row["id"]),
        row["made_at"],
        row["expires_at"],
        row["revoked_at"],
        row["used_at"] or None,
    )
