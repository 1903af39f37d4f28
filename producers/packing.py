"""Packing events of one agency into messages: a hundred events a message is ten times as fast as one."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from emc.contract import MAX_MESSAGE_BYTES, MAX_MESSAGE_EVENTS
from emc.errors import InputError

# what Kafka adds to a value (record, key, header) must fit under the broker's limit for a message, too
LARGEST_VALUE = MAX_MESSAGE_BYTES - 1024
SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"


@dataclass(slots=True)
class Pack:
    """Events of one agency that wait to become one message; `due` on the monotonic clock, in seconds."""

    agency: str
    due: float
    events: list[bytes] = field(default_factory=list)
    size: int = 1

    def value(self) -> tuple[bytes, str]:
        """The message's value and its content type; an event alone is no array."""
        if len(self.events) == 1:
            return self.events[0], SINGLE
        return b"[" + b",".join(self.events) + b"]", BATCH


class Packer:
    """Open packs, one an agency. Each method returns the packs that are to be sent now.

    A pack is closed before it would exceed `events` or `size` bytes, and when `linger` seconds old. All
    open packs together hold at most `total` bytes: beyond, the largest is closed early.
    """

    def __init__(self, events: int, size: int, linger: float, total: int) -> None:
        self._events = min(events, MAX_MESSAGE_EVENTS)
        self._size = min(size, LARGEST_VALUE)
        self._linger = linger
        self._total = total
        self._held = 0
        self._open: dict[str, Pack] = {}

    def add(self, agency: str, event: bytes, now: float) -> list[Pack]:
        """Takes one event; InputError when it alone is too large for a message."""
        if len(event) > LARGEST_VALUE:
            raise InputError(f"an event of {agency} has {len(event)} bytes, expected at most {LARGEST_VALUE}")
        ready = []
        pack = self._open.get(agency)
        if pack is not None and pack.size + len(event) + 1 > self._size:
            ready.append(self._close(agency))
            pack = None
        if pack is None:
            pack = self._open[agency] = Pack(agency, now + self._linger)
        pack.events.append(event)
        pack.size += len(event) + 1
        self._held += len(event) + 1
        if len(pack.events) >= self._events or self._linger <= 0:
            ready.append(self._close(agency))
        ready.extend(self._relieve())
        return ready

    def due(self, now: float) -> list[Pack]:
        """The packs whose time has come."""
        return [self._close(agency) for agency, pack in list(self._open.items()) if pack.due <= now]

    def drain(self) -> list[Pack]:
        """Every pack that is open."""
        return [self._close(agency) for agency in list(self._open)]

    def next_due(self) -> float | None:
        """When the next pack is due; None when there is none. Packs are opened in the order of their due."""
        return next((pack.due for pack in self._open.values()), None)

    def _relieve(self) -> Iterator[Pack]:
        while self._held > self._total and self._open:
            yield self._close(max(self._open, key=lambda agency: self._open[agency].size))

    def _close(self, agency: str) -> Pack:
        pack = self._open.pop(agency)
        self._held -= pack.size - 1
        return pack
