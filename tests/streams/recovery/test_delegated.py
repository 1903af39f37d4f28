"""A delegate in binary mode, through Kafka: refused at first, brought in once the registry says so."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cloudevents.http import CloudEvent
from cloudevents.kafka import to_binary

from deploy.broker import Broker
from emc.instants import now_us
from emc.registry import Registry, load_registry
from sinks.audit.audit import audit
from streams.batch.outbox import Outbox
from streams.recovery.replay import replay
from tests.engine import embedded_database
from tests.histories import Message
from tests.histories.topic import read, send
from tests.streams.recovery.test_replay import PARTITIONS, Stream

EXTENSION = "traceparent"


@pytest.fixture
def stream(broker: Broker, topic_names: tuple[str, str], tmp_path: Path) -> Iterator[Stream]:
    with embedded_database() as database:
        yield Stream(broker.bootstrap, topic_names[0], database, tmp_path / "worker")


@pytest.fixture
def delegating(tmp_path: Path) -> Registry:
    folder = tmp_path / "registry"
    folder.mkdir()
    (folder / "delegations.csv").write_text("source,agency,note\nG09/business,localities,\n")
    return load_registry(folder)


def by_sdk(number: int, **data: Any) -> Message:
    """An event as the CloudEvents SDK's Kafka binding writes it."""
    attributes = {
        "id": f"event-{number}",
        "source": "/agencies/G09/business",
        "type": "vn.emc.dossier.v1",
        "subject": f"G09.20-20260609-{number:07}".replace("G09", "H25"),
        "time": "2026-06-09T08:00:00+07:00",
        "datacontenttype": "application/json",
        EXTENSION: "00-1",
        "partitionkey": "H25",
    }
    made = to_binary(
        CloudEvent(attributes, {"received_at": "2026-06-09T08:00:00+07:00", "channel": "online", **data}),
        data_marshaller=lambda found: json.dumps(found).encode(),
    )
    assert isinstance(made.value, bytes)
    return Message(b"H25", made.value, list(made.headers.items()))


def test_a_delegate_is_refused_with_advice_and_its_events_replayed(
    stream: Stream, delegating: Registry
) -> None:
    sent = [by_sdk(number) for number in range(3)]
    assert dict(sent[0].headers)["ce_specversion"] == b"1.0"
    send(stream.bootstrap, stream.topic, sent, PARTITIONS)
    stream.digest(load_registry())
    assert stream.counted() == 0
    rejected = list(read(stream.bootstrap, f"{stream.topic}.rejected", PARTITIONS))
    headers = dict(rejected[0].headers)
    assert headers["reason"] == b"agency_mismatch"
    assert headers["path"] == b"$.source"
    assert b"G09,H25 in the registry's delegations.csv" in (headers["detail"] or b"")
    assert (rejected[0].value, headers["ce_id"]) == (sent[0].value, b"event-0")
    refused = stream.refused()
    assert stream.replay(refused).sent == 0
    outbox = Outbox(stream.bootstrap)
    done = replay(refused, delegating, now_us(), outbox.deliver, PARTITIONS, stream.topic)
    outbox.close()
    assert done.sent == 3
    stream.digest(delegating)
    assert stream.counted() == 3
    assert audit(stream.database, pause=0)["different"] == 0


def test_binary_messages_in_a_wrong_partition_keep_their_headers(
    stream: Stream, delegating: Registry
) -> None:
    sent = [by_sdk(number) for number in range(20)]
    send(stream.bootstrap, stream.topic, sent, PARTITIONS, astray=1.0)
    stream.digest(delegating)
    assert stream.counted() == 20
    copies = [each for each in read(stream.bootstrap, stream.topic, PARTITIONS) if each.headers]
    assert len(copies) == 40
    assert {dict(each.headers)[f"ce_{EXTENSION}"] for each in copies} == {b"00-1"}
