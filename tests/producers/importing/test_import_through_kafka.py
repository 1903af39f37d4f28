"""Imports through a real broker: repeats change nothing, a later export changes exactly what differs."""

from pathlib import Path

import msgspec

from deploy.broker import Broker
from emc.contract import judge, split_message
from emc.instants import HOUR, now_us, parse_instant
from emc.registry import load_registry
from emc.verdicts import Accepted
from producers.client import Client
from producers.importing import ImportReport, import_files
from tests.producers.reading import read_topic

REGISTRY = load_registry()
AS_OF = parse_instant("2024-04-01T00:00:00+07:00")
State = dict[tuple[str, str], object]


def state(bootstrap: str, topic: str) -> State:
    """The value of every register, by dossier and field: the one with the greatest time and id."""
    registers: dict[tuple[str, str], tuple[int, bytes, object]] = {}
    for message in read_topic(bootstrap, topic):
        for raw in split_message(message.value, message.headers["content-type"].decode()):
            event = judge(raw, message.key, now_us(), REGISTRY)
            assert isinstance(event, Accepted)
            for field, value in event.fields.items():
                place, written = (event.subject, field), (event.time, event.id.encode(), value)
                registers[place] = max(registers.get(place, written), written, key=lambda one: one[:2])
    return {place: value for place, (_, _, value) in registers.items()}


def records(changed: frozenset[int] = frozenset()) -> list[object]:
    found: list[object] = [
        {
            "MaHoSo": f"H25-240305-{n:04d}",
            "KenhThucHien": "1" if n in changed else "2",
            "TrangThaiHoSo": 4,
            "NgayTiepNhan": "05/03/2024 08:00:00",
        }
        for n in range(1000)
    ]
    found[100] = {"MaHoSo": "XXX"}
    found[200] = {"MaHoSo": "H25-240305-0200", "NgayTra": "XXX"}
    return found


def test_repeats_change_nothing_and_a_later_export_exactly_what_differs(
    broker: Broker, topic_names: tuple[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "export.json"

    def import_(as_of: int) -> ImportReport:
        with Client(broker.bootstrap, topic_names[0]) as client:
            return import_files([path], "H25", "dossier-sync", client=client, registry=REGISTRY, as_of=as_of)

    path.write_bytes(msgspec.json.encode(records()))
    report = import_(AS_OF)
    assert (report.sent, report.refused) == (998, 2)
    first = state(broker.bootstrap, topic_names[0])
    assert len({dossier for dossier, _ in first}) == 998
    import_(AS_OF)
    assert state(broker.bootstrap, topic_names[0]) == first
    path.write_bytes(msgspec.json.encode(records(frozenset((1, 500, 999)))))
    import_(AS_OF + HOUR)
    later = state(broker.bootstrap, topic_names[0])
    assert {place for place in later if later[place] != first[place]} == {
        ("H25-240305-0001", "channel"),
        ("H25-240305-0500", "channel"),
        ("H25-240305-0999", "channel"),
    }
