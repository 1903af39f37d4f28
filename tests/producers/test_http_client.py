"""The HTTP client against the real application: sends through a real broker, reads real tables."""

import threading
from collections.abc import Iterator

import pytest

from deploy.broker import Broker
from emc.access import EVERY_SCOPE, Scope
from emc.errors import ComponentError, InputError
from portal.access.entrance import Entrance
from portal.api import create_app
from portal.sending.limits import SendLimits
from portal.sending.routes import Sending
from portal.server import Server
from producers.courier import Courier
from producers.http_client import HttpClient
from sinks.clickhouse.database import Database
from sinks.queries.reader import Reader
from tests.engine import embedded_database
from tests.portal.access.test_guard import registry
from tests.portal.sending.test_sending import event
from tests.portal.serving import TOKENS, token_of
from tests.portal.test_reading import add_rate


@pytest.fixture
def database() -> Iterator[Database]:
    """With one rate."""
    with embedded_database() as made:
        add_rate(made, "H25", 1, 1)
        yield made


@pytest.fixture
def client(broker: Broker, topic_names: tuple[str, str], database: Database) -> Iterator[HttpClient]:
    """Of H25."""
    with Entrance(Reader(database, registry()), TOKENS) as entrance:
        courier, server = Courier(broker.bootstrap, topic_names[0]), Server()
        sending = Sending(entrance.guard, courier, SendLimits())
        server.start(create_app(entrance, dict, None, sending))
        token = token_of(database, "H25", *(EVERY_SCOPE - {Scope.ADMIN}))
        with HttpClient(server.url, token) as made:
            yield made
        server.stop()
        courier.close()


def test_events_are_sent_in_their_order_however_many(client: HttpClient) -> None:
    results = client.send([*(event(n) for n in range(1, 601)), b'{"id":"x"}'])
    assert [result.index for result in results] == list(range(601))
    assert [result.status for result in results] == ["accepted"] * 600 + ["rejected"]
    assert (results[-1].id, results[-1].reason) == ("x", "invalid")


def test_rates_are_read_in_pages(client: HttpClient) -> None:
    found = list(client.rates(start="2024-03-01", limit="1"))
    assert [(rate.agency or rate.group, rate.numerator) for rate in found] == [
        ("H25", 1), ("national", 1), ("localities", 1),
    ]  # fmt: skip


def test_changes_arrive(client: HttpClient, database: Database) -> None:
    changing = threading.Timer(1.5, add_rate, (database, "H25", 7, 2))
    changing.start()
    changed = next(client.changes(start="2024-03-01", agency="H25"))
    changing.join()
    assert [(rate.agency, rate.numerator) for rate in changed] == [("H25", 7)]


def test_what_is_not_allowed_is_told_and_who_is_away_too(client: HttpClient) -> None:
    with pytest.raises(InputError, match="belongs to another agency"):
        list(client.rates(agency="H26"))
    with pytest.raises(InputError, match="another agency"):
        next(client.changes(agency="H26"))
    with (
        HttpClient("http://127.0.0.1:1", timeout=0) as nobody,
        pytest.raises(ComponentError, match="does not answer"),
    ):
        nobody.send([event()])
