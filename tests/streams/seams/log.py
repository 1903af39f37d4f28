"""A topic as it might lie in Kafka: a seeded history, dealt out to partitions, at given moments."""

from collections.abc import Iterator
from datetime import date, datetime
from random import Random
from types import SimpleNamespace
from typing import Any

from tests.histories import Shape, history
from tests.oracle import partition_of

SHAPE = Shape(dossiers=12, catalogue=12, declarations=8, heartbeats=1, agencies=("H25", "H42", "H02", "G12"))
TODAY = date(2026, 6, 14)
_ASTRAY = 0.05


class Log:
    """What was sent. `batches` yields it piece by piece, as records by partition."""

    topic = "recorded.events"

    def __init__(self, seed: int, partitions: int = 12, topic_id: str = "first", start: str = "") -> None:
        self.partitions, self.topic_id = partitions, topic_id
        self._messages = history(seed, TODAY, SHAPE)
        self._random = Random(seed)
        self._offsets = [0] * partitions
        moment = datetime.fromisoformat(start or "2026-06-14T09:00:00+07:00")
        self._arrival = int(moment.timestamp() * 1000)

    def batches(self, number: int) -> Iterator[dict[int, list[Any]]]:
        """All of it in so many batches."""
        size = -(-len(self._messages) // number)
        for at in range(0, len(self._messages), size):
            yield self._dealt(self._messages[at : at + size])

    def _dealt(self, messages: list[Any]) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = {}
        for key, value, headers in messages:
            partition = partition_of(key, self.partitions) if key else self._random.randrange(self.partitions)
            if self._random.random() < _ASTRAY:
                partition = self._random.randrange(self.partitions)
            self._arrival += self._random.randrange(50)
            record = SimpleNamespace(
                key=key,
                value=value,
                headers=headers,
                offset=self._offsets[partition],
                timestamp=self._arrival,
                partition=partition,
            )
            self._offsets[partition] += 1
            found.setdefault(partition, []).append(record)
        return dict(sorted(found.items()))
