"""What is gathered of slices: every record accounted for, by agency, refused or sent on."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from emc.identifiers import partition_of
from emc.registry import load_registry
from streams.batch.gathering import Gatherer
from streams.reading.lease import Lease
from streams.reading.slices import Slice
from streams.reading.topic import TopicFacts

PARTITIONS = 12
ARRIVED = 1_780_000_000_000
RIGHT = partition_of(b"H25", PARTITIONS)
WRONG = (RIGHT + 1) % PARTITIONS


@pytest.fixture(scope="module")
def gatherer() -> Gatherer:
    return Gatherer("events", load_registry())


def leased(partitions: int = PARTITIONS) -> Lease:
    starts = dict.fromkeys(range(partitions), 0)
    return Lease(TopicFacts("topic", partitions), starts, starts)


def dossier(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{number:08}",
        "source": "/agencies/H25/one",
        "type": "vn.emc.dossier.v1",
        "subject": f"H25-240305-{number:06}",
        "time": f"2024-03-05T08:00:{number:02}+07:00",
        "data": {"channel": "online", **fields},
    }


def slice_of(lease: Lease, values: list[Any], partition: int = RIGHT, key: bytes | None = b"H25") -> Slice:
    records = [
        SimpleNamespace(
            key=key,
            value=json.dumps(value).encode() if value is not None else None,
            headers=[],
            offset=offset,
            timestamp=ARRIVED + offset,
            partition=partition,
        )
        for offset, value in enumerate(values)
    ]
    return Slice.of(lease, partition, records)


def test_events_are_gathered_by_agency_with_the_place_of_the_newest(gatherer: Gatherer) -> None:
    lease = leased()
    found = gatherer.gather([slice_of(lease, [dossier(1), [dossier(2), dossier(3)]])])
    group = found.by_agency["H25"]
    assert [event.id for event in group.events] == ["00000001", "00000002", "00000003"]
    assert (group.arrived_ms, group.partition, group.offset) == (ARRIVED + 1, RIGHT, 1)
    assert group.heard == {"/agencies/H25/one": (max(event.time for event in group.events), ARRIVED + 1)}
    assert (found.accepted, found.rejected, found.forwarded) == (3, 0, 0)
    assert found.next_offsets == {RIGHT: 2}
    assert found.lease is lease


def test_reading_goes_on_where_the_slice_says(gatherer: Gatherer) -> None:
    found = gatherer.gather([slice_of(leased(), [dossier(1)])._replace(next_offset=5)])
    assert found.next_offsets == {RIGHT: 5}


def test_what_is_in_a_wrong_partition_is_sent_on_and_not_judged(gatherer: Gatherer) -> None:
    found = gatherer.gather([slice_of(leased(), [dossier(1), {"nonsense": 1}], WRONG)])
    assert found.by_agency == {}
    assert [(outgoing.topic, outgoing.partition, outgoing.key) for outgoing in found.outgoing] == [
        ("events", RIGHT, b"H25")
    ] * 2
    assert (found.accepted, found.rejected, found.forwarded) == (0, 0, 2)
    assert found.next_offsets == {WRONG: 2}


def test_more_partitions_change_where_a_message_belongs(gatherer: Gatherer) -> None:
    more = next(n for n in range(13, 99) if partition_of(b"H25", n) != RIGHT)
    assert gatherer.gather([slice_of(leased(), [dossier(1)])]).forwarded == 0
    assert gatherer.gather([slice_of(leased(more), [dossier(1)])]).forwarded == 1
    assert gatherer.gather([slice_of(leased(), [dossier(1)])]).forwarded == 0


def test_one_bad_event_is_refused_alone_and_bytes_go_to_the_rejected_ones_only(gatherer: Gatherer) -> None:
    found = gatherer.gather([slice_of(leased(), [[dossier(1), dossier(2, channel="pigeon"), dossier(3)]])])
    assert [event.id for event in found.by_agency["H25"].events] == ["00000001", "00000003"]
    ((row),) = found.rejections
    assert row[:3] == ("H25", "invalid", "$.data.channel")
    (outgoing,) = found.outgoing
    assert (outgoing.topic, outgoing.partition) == ("events.rejected", None)
    assert b"pigeon" in (outgoing.value or b"")
    assert "pigeon" not in str(row)


def test_names_that_are_no_text_do_not_reach_those_who_replay(gatherer: Gatherer) -> None:
    some = slice_of(leased(), [{"channel": "pigeon"}])
    some.records[0].headers = [
        ("ce_specversion", b"1.0"),
        ("ce_\udcff", b"1"),
        ("ce_id", b"7"),
        ("ce_x", None),
    ]
    (outgoing,) = gatherer.gather([some]).outgoing
    kept = [header for header in outgoing.headers if header[0].startswith("ce_")]
    assert kept == [("ce_specversion", b"1.0"), ("ce_id", b"7")]


@pytest.mark.parametrize("key", [None, b"", b"XYZ", b"\xff"])
def test_what_names_no_agency_is_refused_where_it_lies(gatherer: Gatherer, key: bytes | None) -> None:
    found = gatherer.gather([slice_of(leased(), [dossier(1)], WRONG, key)])
    assert (found.accepted, found.rejected, found.forwarded) == (0, 1, 0)
    assert {row[1] for row in found.rejections} <= {"agency_mismatch", "unknown_agency"}


def test_a_message_without_a_value_is_refused_whole(gatherer: Gatherer) -> None:
    found = gatherer.gather([slice_of(leased(), [None])])
    assert [row[1] for row in found.rejections] == ["malformed"]


def test_heartbeats_are_heard_and_leave_no_event_behind(gatherer: Gatherer) -> None:
    beat = {**dossier(1), "type": "vn.emc.heartbeat.v1", "subject": "one", "data": {}}
    found = gatherer.gather([slice_of(leased(), [beat])])
    assert set(found.by_agency["H25"].heard) == {"/agencies/H25/one"}
    assert (found.accepted, found.rows) == (1, [])
