"""Events into Kafka messages: disorder, repetition, single and batch values, with and without headers."""

import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, NamedTuple

BATCH = "application/cloudevents-batch+json"
SINGLE = "application/cloudevents+json"
HEAVIEST = 1_000_000
SIZES = (*(1, 1, 1, 1, 2, 3, 5, 8, 20, 60, 200) * 10, 1000)


class Message(NamedTuple):
    """What a producer sends; the broker adds place and time."""

    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


def encoded(random: Random, value: Any) -> bytes:
    """JSON as various senders write it."""
    ascii_only, blanks = random.random() < 0.3, random.random() < 0.3
    separators = (", ", ": ") if blanks else (",", ":")
    return json.dumps(value, ensure_ascii=ascii_only, separators=separators).encode()


def headers(random: Random, media: str) -> list[tuple[str, bytes]]:
    """The content type, or nothing, and sometimes a header of no concern."""
    found = [("content-type", random.choice((media, media + "; charset=UTF-8")).encode())]
    return random.choice((found, found, [], [("trace", b"1"), *found]))


def pack(
    random: Random, key: bytes, events: Sequence[Any], sizes: Sequence[int] = SIZES
) -> Iterator[Message]:
    """Messages of mixed sizes that hold all the events, in this order, none too heavy."""
    rest = list(events)
    while rest:
        size = random.choice(sizes)
        chosen, rest = rest[:size], rest[size:]
        if size == 1 and random.random() < 0.3 and is_textual(chosen[0]):
            yield binary(random, key, chosen[0])
        elif size == 1 and isinstance(chosen[0], dict):
            yield Message(key, encoded(random, chosen[0]), headers(random, SINGLE))
        else:
            yield from batches(random, key, chosen)


def is_textual(event: Any) -> bool:
    """Whether headers can say what the event's attributes say, and a value its data."""
    return (
        isinstance(event, dict)
        and {"specversion", "data"} <= event.keys()
        and isinstance(event["data"], dict | list)
        and all(isinstance(value, str) for name, value in event.items() if name != "data")
    )


def binary(random: Random, key: bytes, event: dict[str, Any]) -> Message:
    """The event in binary mode: attributes in headers, in any order, other headers between them."""
    found = [(f"ce_{name}", value.encode()) for name, value in event.items() if name != "data"]
    found += random.choice(([], [("content-type", b"application/json")], [("trace", b"\xff")]))
    random.shuffle(found)
    return Message(key, encoded(random, event["data"]), found)


def batches(random: Random, key: bytes, events: list[Any]) -> Iterator[Message]:
    """One batch, or its halves where it would exceed the limit of a message."""
    value = encoded(random, events)
    if len(value) <= HEAVIEST:
        yield Message(key, value, headers(random, BATCH))
        return
    half = len(events) // 2
    yield from batches(random, key, events[:half])
    yield from batches(random, key, events[half:])


def disordered(random: Random, events: list[Any], repeated: float) -> list[Any]:
    """The events shuffled, a share of them twice."""
    all_events = events + [event for event in events if random.random() < repeated]
    random.shuffle(all_events)
    return all_events
