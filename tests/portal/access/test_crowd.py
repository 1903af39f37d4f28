"""One agency's crowd of requests takes nothing from the others, nor from the health answer."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from emc.access import Scope
from emc.registry import load_registry
from portal.access.crowd import MOST
from portal.access.entrance import Entrance
from portal.api import create_app
from portal.reading import stream
from sinks.clickhouse.database import Database
from sinks.queries.reader import Reader
from tests.cli.processes import wait_until
from tests.engine import embedded_database
from tests.portal.serving import TOKENS, served, token_of


class Slow:
    """Holds whatever reads rejections until it is let go, and counts who is held."""

    def __init__(self, reader: type[Reader], monkeypatch: pytest.MonkeyPatch) -> None:
        self.held, self._free, real = 0, threading.Event(), reader.rejections
        lock = threading.Lock()

        def rejections(this: Reader, *asked: Any) -> dict[str, Any]:
            with lock:
                self.held += 1
            self._free.wait(60)
            return real(this, *asked)

        monkeypatch.setattr(reader, "rejections", rejections)

    def let_go(self) -> None:
        self._free.set()


@pytest.fixture(scope="module")
def asking() -> Iterator[tuple[httpx.Client, Database]]:
    """The application over empty tables."""
    with embedded_database() as database:
        entrance = Entrance(Reader(database, load_registry()), TOKENS)
        with served(create_app(entrance, lambda: {"status": "ok", "lag": 0})) as client:
            yield client, database


def bearer(database: Database, agency: str) -> dict[str, str]:
    """The header with a new token of an agency."""
    return {"Authorization": f"Bearer {token_of(database, agency, Scope.RATES_READ, Scope.DOSSIERS_READ)}"}


def test_who_asks_too_much_at_once_is_told_and_others_are_answered(
    asking: tuple[httpx.Client, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, database = asking
    slow = Slow(Reader, monkeypatch)
    many, other = [bearer(database, "H25") for _ in range(2)], bearer(database, "H26")
    with ThreadPoolExecutor(3 * MOST) as pool:
        asked = [pool.submit(client.get, "/v1/rejections", headers=many[n % 2]) for n in range(3 * MOST)]
        try:
            wait_until(lambda: sum(each.done() for each in asked) == 2 * MOST, 60)
            assert slow.held == MOST
            assert client.get("/v1/rates", headers=other, timeout=20).status_code == 200
            refused = client.get("/v1/rates", headers=many[0], timeout=20)
            assert (refused.status_code, refused.json()["reason"]) == (429, "too_many_requests")
            assert refused.headers["retry-after"] == "1"
        finally:
            slow.let_go()
        assert sorted(each.result().status_code for each in asked) == [200] * MOST + [429] * 2 * MOST
    assert client.get("/v1/rates", headers=many[0]).status_code == 200


def test_health_is_answered_while_all_threads_that_read_wait(
    asking: tuple[httpx.Client, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, database = asking
    slow = Slow(Reader, monkeypatch)
    agencies = [bearer(database, code) for code in ("H25", "H26", "H44")]
    with ThreadPoolExecutor(3 * MOST) as pool:
        asked = [pool.submit(client.get, "/v1/rejections", headers=agencies[n % 3]) for n in range(3 * MOST)]
        try:
            wait_until(lambda: slow.held >= 40, 60)  # the pool's size
            assert client.get("/v1/health", timeout=5).json() == {"status": "ok", "lag": 0}
        finally:
            slow.let_go()
        assert {each.result().status_code for each in asked} == {200}


def test_streams_of_one_agency_leave_room_for_its_requests_and_for_others(
    asking: tuple[httpx.Client, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, database = asking
    monkeypatch.setattr(stream, "MOST_OF_ONE", MOST + 2)
    own, other = bearer(database, "H25"), bearer(database, "H26")
    opened = []
    try:
        for _ in range(MOST + 2):
            opened.append(client.stream("GET", "/v1/rates/stream", headers=own))
            assert opened[-1].__enter__().status_code == 200
        assert client.get("/v1/rates", headers=own).status_code == 200

        def is_full() -> bool:
            with client.stream("GET", "/v1/rates/stream", headers=own) as answer:
                return answer.status_code == 429

        wait_until(is_full, 20)
        with client.stream("GET", "/v1/rates/stream", headers=other) as answer:
            assert answer.status_code == 200
    finally:
        for each in opened:
            each.__exit__(None, None, None)
