"""What many tests share: one real broker for the whole session, and topics of each test's own on it."""

import uuid
from collections.abc import Iterator

import pytest

from deploy.broker import Broker
from deploy.topics import ensure_topics


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A running broker; `broker.bootstrap` is its address. Use topics of your own: all tests share it."""
    with Broker(tmp_path_factory.mktemp("broker")) as started:
        yield started


@pytest.fixture
def topic_names(broker: Broker) -> tuple[str, str]:
    """Names of two new topics in the contract's form, 12 partitions each: events and rejected events."""
    events, rejected = ensure_topics(broker.bootstrap, events=f"test-{uuid.uuid4().hex[:12]}.events")
    return events.name, rejected.name
