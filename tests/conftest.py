"""What many tests share: one real broker for the whole session, and topics of each test's own on it.

`make test` runs three processes of tests beside each other, each with a broker of its own: much of the time
is waiting. A process takes one file after the other; files that share something costly go to the same one.
"""

import uuid
from collections.abc import Iterator

import pytest

from deploy.broker import SHORT_LIVED, Broker, Options
from deploy.topics import ensure_topics
from emc import settings
from sinks.clickhouse.database import Database
from tests.engine import embedded_database
from tests.turns import Turns, turn_of

pytest_plugins = ("tests.tools.needing",)


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Turns:
    """Tells which tests stay together."""
    return Turns(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the long ones first."""
    items.sort(key=lambda item: turn_of(item.location[0]))


@pytest.fixture(autouse=True)
def _settings_of_this_test() -> None:
    """A process reads its settings once; each test may have set others."""
    settings.current.cache_clear()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A running broker; `broker.bootstrap` is its address. Use topics of your own: all tests share it."""
    with Broker(tmp_path_factory.mktemp("broker"), options=Options(java=SHORT_LIVED)) as started:
        yield started


@pytest.fixture
def topic_names(broker: Broker) -> tuple[str, str]:
    """Names of two new topics in the contract's form, 12 partitions each: events and rejected events."""
    events, rejected = ensure_topics(broker.bootstrap, events=f"test-{uuid.uuid4().hex[:12]}.events")
    return events.name, rejected.name


@pytest.fixture
def database() -> Iterator[Database]:
    """A fresh embedded database with all tables."""
    with embedded_database() as fresh:
        yield fresh
