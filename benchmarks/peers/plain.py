"""What peers share: the plain job, and what they print.

The plain job is less than the monitor's: JSON without validation, no catalogue, no ClickHouse, one rate. Each
dossier is folded field by field, so the counts of received and online dossiers must be the monitor's.
"""

import time
from datetime import datetime
from typing import Any

import msgspec

KIND = "vn.emc.dossier.v1"
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder(order="sorted").encode
Registers = dict[str, Any]


class Found(msgspec.Struct):
    """Events seen, seconds from the first to the last, on the wall and of processor; dossiers counted."""

    events: int
    seconds: float
    processor: float
    received: int
    online: int

    def tell(self) -> None:
        """Prints it as the last line."""
        print(msgspec.json.encode(self).decode(), flush=True)


class Clock:
    """The time from the first event to the last."""

    def __init__(self) -> None:
        self.events = 0
        self._begun: tuple[float, float] | None = None
        self._last = (time.monotonic(), time.process_time())

    def begin(self) -> None:
        """An event is at hand; only the first call counts."""
        if self._begun is None:
            self._begun = (time.monotonic(), time.process_time())

    def done(self, events: int) -> None:
        """So many more events are done."""
        self.events += events
        self._last = (time.monotonic(), time.process_time())

    @property
    def idle(self) -> float:
        """Seconds since the last event was done."""
        return time.monotonic() - self._last[0]

    def found(self, received: int, online: int) -> Found:
        """What is to be told."""
        begun = self._begun or self._last
        wall, processor = (last - first for first, last in zip(begun, self._last, strict=True))
        return Found(self.events, wall, processor, received, online)


def events_of(value: bytes) -> list[Any]:
    """The events of a Kafka value."""
    found = _decode(value)
    return found if isinstance(found, list) else [found]


def folded(registers: Registers, event: Any) -> Registers:
    """The registers of a dossier with one event's fields in them: the later (time, id) wins.

    A register is [time, id, value as JSON]; the registers given are changed.
    """
    moment = datetime.fromisoformat(event["time"]).timestamp()
    for name, value in event["data"].items():
        register = [moment, event["id"], _encode(value).decode()]
        if name not in registers or registers[name] < register:
            registers[name] = register
    return registers


def counted(registers: Registers) -> tuple[int, int]:
    """Whether a dossier counts as received, and as received online."""

    def holds(name: str) -> str:
        return str(registers[name][2]) if name in registers else "null"

    received = holds("received_at") != "null" and holds("removed") != "true"
    return int(received), int(received and holds("channel") == '"online"')
