"""How far the rates are behind the topic, and which transactions hold it up."""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from emc.errors import EmcError
from sinks.clickhouse.database import Database
from streams.batch.commits import positions
from streams.reading.topic import Backlog, TopicReader


class OpenTransaction(NamedTuple):
    """A partition that is held up by a transaction, and for how long that has been seen."""

    partition: int
    seconds: float


class LagReader:
    """Asks Kafka and ClickHouse how far the rates are behind; for any thread."""

    def __init__(self, topic: TopicReader, db: Database, now: Callable[[], float] = time.monotonic) -> None:
        self._topic, self._db, self._now = topic, db, now
        self._since: dict[tuple[int, int], float] = {}
        self._lock = threading.Lock()

    def __call__(self) -> int:
        """Decided messages not yet in the rates; ComponentError when Kafka does not answer."""
        found = read_backlog(self._topic, self._db)
        now = self._now()
        with self._lock:
            self._since = {begin: self._since.get(begin, now) for begin in found.undecided.items()}
        return found.lag

    def open_transactions(self) -> list[OpenTransaction]:
        """Those that the last answer told of, by partition."""
        now = self._now()
        with self._lock:
            return [
                OpenTransaction(number, round(now - since, 1))
                for (number, _), since in sorted(self._since.items())
            ]


def read_backlog(topic: TopicReader, db: Database) -> Backlog:
    """What is committed must be in the tables too: a stranger may commit for the group.

    While ClickHouse does not answer, what Kafka says. ComponentError when Kafka does not either.
    """
    try:
        known = positions(db, topic.facts().topic_id)
    except EmcError:
        return topic.backlog()
    return topic.backlog(known)


def read_lag(topic: TopicReader, db: Database) -> int:
    """The lag of `read_backlog`."""
    return read_backlog(topic, db).lag
