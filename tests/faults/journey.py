"""A topic, a database and worker processes between them; in the end every number must be the oracle's."""

import itertools
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from deploy.topics import ensure_topics
from emc.errors import EmcError
from emc.instants import today
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import migrate
from streams.reading.topic import TopicReader
from tests.databases import new_name
from tests.engine import Front
from tests.faults.workers import Nursery, WorkerProcess
from tests.histories import Message
from tests.histories.comparing import of_events, of_rates, of_registers, of_rejections, of_tallies
from tests.histories.rejected_topic import of_rejected_topic
from tests.histories.topic import read, send
from tests.oracle import Oracle, Record, read_agencies
from tests.waiting import eventually

AGENCIES = read_agencies(Path(__file__).parents[2] / "emc" / "data" / "agencies.csv")


class Journey:
    """Events sent to a topic of its own and read by workers into a database of its own."""

    def __init__(
        self, bootstrap: str, front: Front, nursery: Nursery, folder: Path, partitions: int = 4
    ) -> None:
        self.bootstrap, self.partitions, self.folder = bootstrap, partitions, folder
        self._nursery, self._front = nursery, front
        self._numbers = itertools.count(1)
        events, _ = ensure_topics(bootstrap, partitions, events=f"fault-{uuid.uuid4().hex[:10]}.events")
        self.topic = events.name
        self.reader = TopicReader(bootstrap, self.topic, self.topic)
        self.url = front.url(f"{new_name()}_{uuid.uuid4().hex[:6]}")
        self.database = Database(self.url)
        migrate(self.database)

    def send(self, messages: Iterable[Message], astray: float = 0.03) -> None:
        """Puts messages into the topic, some of them into a wrong partition."""
        send(self.bootstrap, self.topic, messages, self.partitions, astray)

    def worker(self, store: str = "store", **more: Any) -> WorkerProcess:
        """Starts a worker with the local store of that name; `more` as `tests.faults.process` tells."""
        spec = {
            "bootstrap": self.bootstrap,
            "topic": self.topic,
            "url": self.url,
            "directory": str(self.folder / store),
            "log": str(self.folder / f"worker-{next(self._numbers)}.log"),
        }
        return self._nursery.start(spec | more)

    def lag(self) -> int | None:
        """Messages not committed; None while the broker does not answer."""
        try:
            return self.reader.lag()
        except EmcError:
            return None

    def settle(self, patience: float = 150.0) -> None:
        """Returns when every message is committed, and so every rate written."""
        eventually(lambda: self.lag() == 0, patience, f"for the lag of {self.topic} to end")

    def records(self, suffix: str = "") -> list[Record]:
        """What the topic holds now."""
        return list(read(self.bootstrap, self.topic + suffix, self.partitions))

    def oracle(self, of_all: bool = False) -> Oracle:
        """The independent calculation over what is in the topic.

        `of_all`: also over what lies in a wrong partition by now; what was sent on is then counted twice.
        """
        oracle = Oracle(AGENCIES, None if of_all else self.partitions)
        for record in self.records():
            oracle.feed(record)
        return oracle

    def assert_right(self) -> Oracle:
        """Every register, cell, rate, rejection and event equals the oracle's."""
        oracle = self.oracle()
        assert oracle.accepted
        different = self.differences(oracle)
        assert not different, "\n".join(
            f"{name}: {each}" for name, all_ in different.items() for each in all_
        )
        return oracle

    def assert_states_right(self, old: Iterable[Record] = ()) -> None:
        """As above, but for what depends on places: some changed. `old`: records that are gone since."""
        oracle = self.oracle(of_all=True)
        for record in old:
            oracle.feed(record)
        assert self.different_states(oracle) == {}

    def different_states(self, oracle: Oracle) -> dict[str, list[Any]]:
        """The first differences of registers, cells and rates."""
        found = {
            "registers": of_registers(self.database, oracle),
            "tallies": of_tallies(self.database, oracle),
            "rates": of_rates(self.database, oracle, today()),
        }
        return {name: each[:5] for name, each in found.items() if each}

    def differences(self, oracle: Oracle) -> dict[str, list[Any]]:
        """The first differences of each kind; empty when the product is right."""
        found = {
            "rejections": of_rejections(self.database, oracle),
            "events": of_events(self.database, oracle),
            "rejected topic": of_rejected_topic(self.records(".rejected"), self.records(), oracle),
        }
        return self.different_states(oracle) | {name: each[:5] for name, each in found.items() if each}

    def close(self) -> None:
        """Ends the connections."""
        self.reader.close()
        self.database.close()
