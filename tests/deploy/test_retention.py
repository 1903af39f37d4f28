"""The retention of topics that exist is changed, and nothing else of them."""

import uuid

import pytest

from deploy.broker import Broker
from deploy.retention import set_retention
from deploy.topics import DAY_MS, Topic, ensure_topics
from emc.errors import ComponentError


def topics(broker: Broker, name: str) -> list[Topic]:
    return ensure_topics(broker.bootstrap, 2, events=name)


def test_retention_follows_what_is_asked(broker: Broker) -> None:
    name = f"test-{uuid.uuid4().hex[:12]}.events"
    before = topics(broker, name)
    set_retention(broker.bootstrap, 400, 30, events=name)
    after = topics(broker, name)
    assert [topic.config["retention.ms"] for topic in after] == [str(400 * DAY_MS), str(30 * DAY_MS)]
    for was, now in zip(before, after, strict=True):
        assert {**was.config, "retention.ms": ""} == {**now.config, "retention.ms": ""}
    set_retention(broker.bootstrap, None, 90, events=name)
    assert [topic.differences for topic in topics(broker, name)] == [(), ()]


def test_a_topic_that_is_not_there_is_told(broker: Broker) -> None:
    with pytest.raises(ComponentError, match="does not change the retention"):
        set_retention(broker.bootstrap, None, 90, events="nowhere")
