"""The load of the benchmarks: the simulated month, put into a topic as single events or in packs.

`python -m benchmarks.load BOOTSTRAP TOPIC PACKING EVENTS` fills a topic in a process of its own and prints
the number of events.
"""

import sys
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec
from kafka import KafkaProducer

from emc.registry import Registry, load_registry
from producers.simulator import Message, simulate

_BATCH = ("content-type", b"application/cloudevents-batch+json")
_AT_SCALE_1 = 293_000
"""Countable events that a step of scale brings; the first brings 17 000 more."""
_LARGEST = 1024 * 1024
_WIDE = 1_040
"""Bytes of an event of which a thousand make a mebibyte."""
_LONG_CODE = 160


class Packing(NamedTuple):
    """How events go into messages: so many in one; `wide` ones carry long lists of components."""

    events: int
    wide: bool = False


PACKINGS = {"singles": Packing(1), "packs of 100": Packing(100), "messages of 1000": Packing(1000, wide=True)}


DAY = "2024-03-05"
"""On which the dossiers of `received` were received."""


def received(agency: str, number: int, day: str = DAY) -> dict[str, Any]:
    """An event: a dossier of this number was received online on the day."""
    return {
        "specversion": "1.0",
        "id": str(number),
        "source": f"/agencies/{agency}/load",
        "type": "vn.emc.dossier.v1",
        "subject": f"{agency}-{day.replace('-', '')[2:]}-{number:08}",
        "time": f"{day}T08:31:07+07:00",
        "data": {"channel": "online", "status": 2, "received_at": f"{day}T08:30:00+07:00"},
    }


def month(registry: Registry, scale: float) -> list[Message]:
    """The month's messages: 5 % sent twice, some late or out of order; the same for every run.

    Broken ones are left out: the peer does not validate, and could not end in the same counts.
    """
    return list(countable(registry, scale))


def countable(registry: Registry, scale: float) -> Iterator[Message]:
    """The month's messages one by one, without those that are refused."""
    return (message for message in simulate(registry, seed=1, scale=scale) if message.refused is None)


def fill(bootstrap: str, topic: str, messages: Iterable[Message], packing: Packing) -> int:
    """Puts the messages into the topic and returns the number of events."""
    producer = KafkaProducer(
        bootstrap_servers=bootstrap, linger_ms=50, batch_size=512 * 1024, compression_type="lz4"
    )
    events = 0
    try:
        for key, value, headers, count in packed(messages, packing):
            producer.send(topic, value, key, headers)
            events += count
        producer.flush()
    finally:
        producer.close()
    return events


Record = tuple[bytes | None, bytes | None, list[tuple[str, bytes]], int]


def packed(messages: Iterable[Message], packing: Packing) -> Iterator[Record]:
    """The events as records of key, value, headers, and number of events."""
    most = packing.events
    if packing.wide:
        messages = map(_widen, messages)
    waiting: dict[bytes, list[bytes]] = {}
    sizes: dict[bytes, int] = {}
    for message in messages:
        key, value = message.key, message.value
        if most == 1 or not message.packs or key is None or value is None:
            yield key, value, list(message.headers), 1
            continue
        pack = waiting.setdefault(key, [])
        if pack and (len(pack) == most or sizes[key] + len(value) + 2 > _LARGEST):
            yield _pack(key, pack)
            pack.clear()
        sizes[key] = len(value) + 2 + (sizes[key] if pack else 0)
        pack.append(value)
    for key, pack in waiting.items():
        if pack:
            yield _pack(key, pack)


def _pack(key: bytes, pack: list[bytes]) -> Record:
    return key, b"[" + b",".join(pack) + b"]", [_BATCH], len(pack)


def _widen(message: Message) -> Message:
    """A dossier's event with a list of components as long as makes it a kibibyte."""
    value = message.value
    if not message.packs or value is None or b"vn.emc.dossier" not in value or len(value) >= _WIDE:
        return message
    event = msgspec.json.decode(value)
    lacking = _WIDE - len(value) - 40
    codes = [f"{place:0{min(_LONG_CODE, lacking - at)}d}" for place, at in enumerate(range(0, lacking, 172))]
    event["data"]["components"] = [{"code": code} for code in codes]
    return msgspec.structs.replace(message, value=msgspec.json.encode(event))


def main() -> None:
    """Fills the topic with at least so many events."""
    bootstrap, topic, packing, events = sys.argv[1:]
    messages = countable(load_registry(), int(events) / _AT_SCALE_1 * 1.02)
    filled = fill(bootstrap, topic, messages, PACKINGS[packing])
    if filled < int(events):
        sys.exit(f"the topic holds {filled:,} events, expected at least {int(events):,}")
    print(filled, flush=True)


if __name__ == "__main__":
    main()
