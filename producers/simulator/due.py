"""Messages that are due later: they wait in a file, so that a month needs memory for a day."""

import tempfile
from collections import defaultdict

import msgspec
import zstandard

from producers.simulator.message import Message

_HELD = 50_000
"""So many messages may wait in memory, some 30 MB; small plays write nothing at all."""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Message]).decode


class Due:
    """Messages by the day on which they are sent. They come out in the order in which they went in."""

    def __init__(self, held: int = _HELD) -> None:
        """`held`: how many may wait in memory."""
        self._held, self._count = held, 0
        self._waiting: defaultdict[int, list[Message]] = defaultdict(list)
        self._written: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 – it lives as long as this does

    def add(self, day: int, message: Message) -> None:
        """Keeps a message until its day is taken."""
        self._waiting[day].append(message)
        self._count += 1
        if self._count > self._held:
            self._write()

    def _write(self) -> None:
        self._file.seek(0, 2)
        for day, messages in self._waiting.items():
            block = zstandard.compress(_encode(messages), 1)
            self._written[day].append((self._file.tell(), len(block)))
            self._file.write(block)
        self._waiting.clear()
        self._count = 0

    def take(self, day: int) -> list[Message]:
        """All messages of a day, which is then empty."""
        found: list[Message] = []
        for place, size in self._written.pop(day, ()):
            self._file.seek(place)
            found += _decode(zstandard.decompress(self._file.read(size)))
        waiting = self._waiting.pop(day, [])
        self._count -= len(waiting)
        return found + waiting
