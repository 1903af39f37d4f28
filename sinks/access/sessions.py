"""Sessions in their table: a signed-in browser holds a random secret, the table its digest."""

import secrets
from collections.abc import Collection
from typing import Any

import msgspec

from emc.access import Caller
from emc.instants import now_us
from sinks.access.tokens import caller_from, digest, new_secret, scopes_text
from sinks.clickhouse.database import Database

MINUTE, HOUR = 60_000, 3_600_000
IDLE, LONGEST, ROTATED, GRACE = 30 * MINUTE, 12 * HOUR, 15 * MINUTE, MINUTE
"""Milliseconds: unused so long it ends; so long it lasts at most; so old its secret is changed; how long the
old secret still opens, for requests under way."""


class Session(msgspec.Struct, frozen=True):
    """A session under one secret; instants in milliseconds.

    `began_at` is that of the sign-in, `made_at` that of this secret. `csrf` must come back with every form.
    """

    hash: str
    caller: Caller
    csrf: str
    began_at: int
    made_at: int
    seen_at: int
    ended_at: int | None = None

    def holds(self, now: int) -> bool:
        """Whether it opens anything at this moment (ms)."""
        running = now < self.began_at + LONGEST and now < self.seen_at + IDLE
        return running and (self.ended_at is None or now < self.ended_at)

    def is_due(self, now: int) -> bool:
        """Whether its secret is old enough to be changed."""
        return self.ended_at is None and now >= self.made_at + ROTATED


class SessionStore:
    """The table of sessions; ComponentError when the engine is away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, caller: Caller) -> tuple[Session, str]:
        """A new session after a sign-in, and its secret for the cookie."""
        now = now_us() // 1000
        return self._new(caller, began_at=now, now=now)

    def rotate(self, session: Session) -> tuple[Session, str]:
        """The same session under a new secret; the old one ends within a minute."""
        now = now_us() // 1000
        self._write(msgspec.structs.replace(session, ended_at=now + GRACE), now)
        return self._new(session.caller, session.began_at, now)

    def end(self, session: Session) -> None:
        """Signs out: the secret opens nothing any more."""
        now = now_us() // 1000
        self._write(msgspec.structs.replace(session, ended_at=now), now)

    def see(self, session: Session) -> Session:
        """Notes that it was used just now."""
        now = now_us() // 1000
        seen = msgspec.structs.replace(session, seen_at=now)
        self._write(seen, now)
        return seen

    def find_all(self, hashes: Collection[str]) -> dict[str, Session]:
        """The sessions of these digests of secrets, by digest, also those that hold no more."""
        rows = self._database.rows(
            "SELECT * FROM sessions FINAL WHERE hash IN {hashes:Array(String)}", {"hashes": list(hashes)}
        )
        return {row["hash"]: _session(row) for row in rows}

    def _new(self, caller: Caller, began_at: int, now: int) -> tuple[Session, str]:
        secret = new_secret("")
        made = Session(digest(secret), caller, secrets.token_urlsafe(32), began_at, now, now)
        self._write(made, now)
        return made, secret

    def _write(self, session: Session, version: int) -> None:
        caller = session.caller
        row: dict[str, list[Any]] = {
            "hash": [session.hash],
            "token": [caller.token],
            "name": [caller.name],
            "agency": [caller.agency or ""],
            "scopes": [scopes_text(caller)],
            "csrf": [session.csrf],
            "began_at": [session.began_at],
            "made_at": [session.made_at],
            "seen_at": [session.seen_at],
            "ended_at": [session.ended_at],
            "version": [version],
        }
        self._database.insert("sessions", row)


def _session(row: dict[str, Any]) -> Session:
    return Session(
        row["hash"],
        caller_from(row, row["token"]),
        row["csrf"],
        row["began_at"],
        row["made_at"],
        row["seen_at"],
        row["ended_at"],
    )
