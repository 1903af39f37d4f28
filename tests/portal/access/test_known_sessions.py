"""Sessions are looked up together: what strangers send costs the tables little."""

import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

import pytest

from emc.access import Caller, Scope
from emc.errors import ComponentError
from portal.access.known_sessions import AGAIN, KnownSessions
from sinks.access.sessions import Session, SessionStore
from sinks.access.tokens import new_secret
from sinks.clickhouse.database import Database

_OFFICER = Caller("H25", frozenset({Scope.RATES_READ}), "the desk")


class Counting(SessionStore):
    """The table, and how often it was read; `is_away`: it cannot be."""

    reads, is_away = 0, False

    def find_all(self, hashes: Collection[str]) -> dict[str, Session]:
        """As the table says."""
        self.reads += 1
        if self.is_away:
            raise ComponentError("ClickHouse does not answer")
        return super().find_all(hashes)


@pytest.fixture
def store(database: Database) -> Counting:
    """The table of sessions."""
    return Counting(database)


def test_strangers_share_readings_and_an_officer_still_gets_in(store: Counting) -> None:
    session, secret = store.begin(_OFFICER)
    known = KnownSessions(store)
    begun = time.monotonic()
    with ThreadPoolExecutor(20) as threads:
        strangers = list(threads.map(known.find, [new_secret("") for _ in range(400)]))
        found = known.find(secret)
    lasted = time.monotonic() - begun
    assert strangers == [None] * 400
    assert found == session
    assert store.reads <= lasted / AGAIN + 2
    assert store.reads < 400


def test_what_cannot_be_a_secret_is_not_looked_up(store: Counting) -> None:
    known = KnownSessions(store)
    assert [known.find(text) for text in ("x", "ă" * 43, "a" * 44, "a b" * 15)] == [None] * 4
    assert store.reads == 0


def test_a_session_is_looked_up_once_and_anew_when_it_was_forgotten(store: Counting) -> None:
    session, secret = store.begin(_OFFICER)
    known = KnownSessions(store)
    assert [known.find(secret) for _ in range(3)] == [session] * 3
    assert store.reads == 1
    store.end(session)
    known.forget(session)
    found = known.find(secret)
    assert found is not None
    assert found.ended_at is not None


def test_a_session_that_began_after_its_secret_was_asked_for_is_found(store: Counting) -> None:
    known = KnownSessions(store)
    session, secret = store.begin(_OFFICER)
    store._database.command("TRUNCATE TABLE sessions")
    assert known.find(secret) is None
    store._write(session, session.seen_at)
    assert known.find(secret) == session


def test_when_the_tables_are_away_all_who_wait_are_told_and_the_next_is_looked_up(store: Counting) -> None:
    session, secret = store.begin(_OFFICER)
    known, store.is_away = KnownSessions(store), True

    def told(_: int) -> bool:
        with pytest.raises(ComponentError):
            known.find(secret)
        return True

    with ThreadPoolExecutor(5) as threads:
        assert all(threads.map(told, range(5)))
    store.is_away = False
    assert known.find(secret) == session
