"""Events and messages that must be refused, for every reason of the contract."""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.histories.events import Event

FAR = "2099-12-31T23:59:59+07:00"
INVALID_DATA: tuple[Event, ...] = (
    {"channel": "Online"},
    {"status": 0},
    {"status": 11},
    {"status": 1.0},
    {"status": True},
    {"status": "2"},
    {"received_at": "2024-03-05T08:00:00"},
    {"received_at": "2024-03-05 08:00:00Z"},
    {"resolved_at": "2024-06-30T23:59:60Z"},
    {"due_at": "1999-12-31T00:00:00Z"},
    {"due_at": 1709600400},
    {"procedure": "1.00000"},
    {"unit": "H25.a"},
    {"removed": 1},
    {"settled_by": "h26"},
    {"claimed_level": "Full"},
    {"components": {}},
    {"components": [None]},
    {"components": [{"digitised": True}]},
    {"components": [{"code": "a\u0007"}]},
    {"components": [{"code": "a"}, {"code": "b", "reuse_source": "Land"}]},
    {"components": [{"code": "a"}] * 201},
)
UNKNOWN_DATA: tuple[Event, ...] = (
    {"applicant": "XXX"},
    {"phone": None},
    {"MaTTHC": "1.000001"},
    {"components": [{"code": "a", "owner": "XXX"}]},
    {"applicant": "XXX", "status": 99},
)
ENVELOPE: tuple[Event, ...] = (
    {"specversion": "0.3"},
    {"specversion": 1},
    {"type": "vn.emc.dossier.v9"},
    {"type": None},
    {"id": ""},
    {"id": "x" * 129},
    {"id": 5},
    {"source": "/agencies/Z99"},
    {"source": None},
    {"subject": "H25-240230-0001"},
    {"subject": ["H25-240305-0001"]},
    {"time": "2024-03-05"},
    {"time": None},
    {"data": None},
    {"data": [1]},
    {"source": "/agencies/A99"},
    {"subject": "A99-240305-0001"},
    {"subject": "H25-20240230-0001"},
    {"source": "/agencies/G01"},
    {"subject": "G01.1-240305-0001"},
    {"time": FAR},
    {"time": FAR, "source": "/agencies/A99"},
)
NO_EVENTS: tuple[Any, ...] = (None, 5, "text", [], True)


def broken_event(random: Random, good: Event) -> Any:
    """A valid dossier event made wrong in one or two ways; sometimes no object at all."""
    kind = random.randrange(10)
    if kind == 0:
        return random.choice(NO_EVENTS)
    if kind == 1:
        return {name: value for name, value in good.items() if name != random.choice(list(good))}
    if kind < 4:
        return good | {"data": random.choice(INVALID_DATA)}
    if kind < 6:
        return good | {"data": random.choice(UNKNOWN_DATA)}
    bad = good | random.choice(ENVELOPE)
    return bad | random.choice(ENVELOPE) if kind == 9 else bad


def cut(value: bytes) -> bytes:
    return value[: len(value) // 2]


def latin(value: bytes) -> bytes:
    return value[:-1] + b',"x":"\xe9"}'


SPOILED: tuple[Callable[[bytes], bytes | None], ...] = (
    cut,
    latin,
    lambda value: None,
    lambda value: b"",
    lambda value: b"\xef\xbb\xbf" + value,
    lambda value: value[:-1] + b',"x":NaN}',
    lambda value: value[:-1] + b',"x":"\\ud800"}',
    lambda value: value + b"]",
    lambda value: b"not json at all",
    lambda value: b"[" + b",".join([value] * 2),
    lambda value: b"[" + b",".join([b"null"] * 1001) + b"]",
    lambda value: value[:-1] + b',"x":"' + b"y" * (1 << 20) + b'"}',
    lambda value: value[:-1] + b',"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
)


def spoiled(value: bytes, way: int) -> bytes | None:
    """A message value that is malformed as a whole."""
    return SPOILED[way % len(SPOILED)](value)
