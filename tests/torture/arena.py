"""The components under torture, each in a process of its own: brokers, the engine behind HTTP, workers."""

import pickle
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from kafka import KafkaAdminClient, TopicPartition
from kafka.errors import KafkaError

from deploy.broker import Options
from deploy.cluster import Cluster
from deploy.topics import ensure_topics
from emc.errors import EmcError
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import migrate
from streams.batch.commits import positions
from streams.reading.topic import TopicReader
from tests.engine import Front
from tests.faults.workers import Nursery, WorkerProcess
from tests.histories.delegates import write_registry
from tests.histories.topic import read
from tests.oracle import Record
from tests.tools.wanted import path_of
from tests.torture.hanging import end_hanging
from tests.torture.load import Load
from tests.torture.odd_senders import OddSenders

TOPIC = "torture.events"
PARTITIONS = 12
PROPERTIES = {
    "group.min.session.timeout.ms": "500",
    "group.initial.rebalance.delay.ms": "0",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
}
SESSION = 5.0


class Topic(NamedTuple):
    """What one of the topics of that name held in the end: a file of pickled records, and its partitions.

    `first`: how many partitions it began with, `last`: how many it had in the end.
    """

    file: Path
    first: int
    last: int

    def records(self) -> Iterator[Record]:
        """All of them, by partition in the order of offsets."""
        with self.file.open("rb") as file:
            while (record := pickle.load(file)) is not None:
                yield Record(*record)


class Arena:
    """Everything that runs; `workers` by the name of their local store."""

    def __init__(self, folder: Path, brokers: int, random: Random) -> None:
        self.folder, self.random = folder, random
        self.workers: dict[str, WorkerProcess] = {}
        self.ended: list[WorkerProcess] = []
        self.clock = folder / "clock"
        self.first_partitions = self.partitions = PARTITIONS
        self.topics: list[Topic] = []
        self.load: Load | None = None
        self.odd: OddSenders | None = None
        self.outages = 0
        self.stops: list[tuple[Path, float, float]] = []
        self._stack = ExitStack()
        self._number = 0
        self.size = brokers
        self._admin: KafkaAdminClient | None = None

    def __enter__(self) -> "Arena":
        self.clock.write_text("+0")
        self.registry = write_registry(self.folder / "registry")
        options = Options(properties=PROPERTIES, heap="384m")
        self.cluster = self._stack.enter_context(Cluster(self.folder / "kafka", self.size, options))
        self.engine_folder = self.folder / "engine"
        self.front = Front(self.engine_folder)
        self._stack.callback(lambda: self.front.kill())
        self.libfaketime = path_of("libfaketime")
        self._nursery = self._stack.enter_context(Nursery(self._environment()))
        ensure_topics(self.bootstrap, self.partitions, replication=self.size, events=TOPIC)
        self.url = self.front.url("torture")
        self.database = self._stack.enter_context(Database(self.url))
        migrate(self.database)
        self.reader = TopicReader(self.bootstrap, TOPIC, TOPIC)
        self._stack.callback(self.reader.close)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _environment(self) -> dict[str, str]:
        """The wall clock of all workers follows a file; their monotonic clock is right, as after a step."""
        if self.libfaketime is None:
            return {}
        return {
            "LD_PRELOAD": str(self.libfaketime),
            "FAKETIME_TIMESTAMP_FILE": str(self.clock),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    @property
    def bootstrap(self) -> str:
        """The addresses of all brokers."""
        return self.cluster.bootstrap

    def start_worker(self, name: str, **more: Any) -> WorkerProcess:
        """Starts a worker with the local store of that name."""
        self._number += 1
        spec: dict[str, Any] = {
            "bootstrap": self.bootstrap,
            "topic": TOPIC,
            "url": self.url,
            "directory": str(self.store(name)),
            "log": str(self.folder / f"{self._number:04}-{name}.log"),
            "registry": str(self.registry),
            "session": SESSION,
            "debug": True,
        }
        if self.libfaketime is None:
            spec["clock"] = str(self.clock)
        started = self.workers[name] = self._nursery.start(spec | more)
        return started

    def store(self, name: str) -> Path:
        """The directory of a worker of that name."""
        return self.folder / f"store-{name}"

    def forget(self, name: str) -> None:
        """The worker of that name has ended; its log stays."""
        self.ended.append(self.workers.pop(name))

    def all_workers(self) -> list[WorkerProcess]:
        """Those that ran, and those that run."""
        return [*self.ended, *self.workers.values()]

    def restart_front(self) -> None:
        """The engine goes on with its data on the port that it had."""
        self.front = Front(self.engine_folder, self.front.port)

    def put_engine_back(self, seconds: float) -> None:
        """Kills the engine and copies its data; that long after, kills it again and gives it the copy."""
        copy = self.folder / "engine-copy"
        self.front.kill()
        shutil.copytree(self.engine_folder, copy, symlinks=True)
        self.restart_front()
        time.sleep(seconds)
        self.front.kill()
        shutil.rmtree(self.engine_folder)
        copy.rename(self.engine_folder)
        self.restart_front()

    def keep_topic(self) -> None:
        """Keeps what the topic holds now: it is about to be deleted, or to be judged."""
        file = self.folder / f"topic-{len(self.topics)}"
        with file.open("wb") as out:
            for record in read(self.bootstrap, TOPIC, self.partitions):
                pickle.dump(tuple(record), out, pickle.HIGHEST_PROTOCOL)
            pickle.dump(None, out)
        self.topics.append(Topic(file, self.first_partitions, self.partitions))

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Nothing is sent within, and no transaction is open."""
        assert self.load is not None
        assert self.odd is not None
        with self.odd.turn:
            self.load.pause()
            try:
                assert self.wait_for(lambda: self.undecided() == {}, 60, 0.5), "a transaction stayed open"
                yield
            finally:
                self.load.go_on()

    def undecided(self) -> dict[int, int] | None:
        """Partitions that an open transaction holds up; None when nobody tells. Ends what hangs."""
        try:
            held = dict(self.reader.backlog().undecided)
            if held:
                end_hanging(self.bootstrap, TOPIC, held)
            return held
        except (EmcError, KafkaError, OSError):
            return None

    def lag(self) -> int | None:
        """Messages not committed, or not in ClickHouse; None when one of the two does not tell."""
        try:
            return self.reader.lag(positions(self.database, self.reader.facts().topic_id))
        except EmcError:
            return None

    def ends(self) -> dict[int, int] | None:
        """The offset that each partition's next message will have; None when the brokers do not tell."""
        try:
            return self.reader.ends()
        except EmcError:
            return None

    def committed(self) -> dict[int, int] | None:
        """How far each partition is committed and in ClickHouse; None when one of the two does not tell."""
        try:
            if self._admin is None:
                self._admin = KafkaAdminClient(
                    bootstrap_servers=self.bootstrap.split(","), request_timeout_ms=5000
                )
            places = [TopicPartition(TOPIC, number) for number in range(self.partitions)]
            found = self._admin.list_group_offsets({TOPIC: places}).get(TOPIC, {})
            known = positions(self.database, self.reader.facts().topic_id)
            return {
                place.partition: min(max(0, found[place].offset), known.get(place.partition, 0))
                for place in places
                if place in found
            }
        except (EmcError, KafkaError, OSError):
            self._admin = None
            return None

    def revive(self) -> None:
        """Starts anew the workers that ended without being told to."""
        for name, worker in list(self.workers.items()):
            if worker.code is not None:
                self.forget(name)
                self.start_worker(name)

    def others_go_on(self, victim: str, patience: float) -> bool:
        """Whether another worker ends a batch from now on, waiting for that for a while."""
        tails = [Tail(worker.log) for name, worker in self.workers.items() if name != victim]
        return self.wait_for(lambda: any(tail.ends_another() for tail in tails), patience, 0.1)

    def wait_until_events_flow(self, patience: float) -> None:
        """Returns when more events are sent, or all are."""
        load = self.load
        assert load is not None
        sent = load.sent
        self.wait_for(lambda: load.sent > sent or not load.is_alive(), patience)

    def wait_for_batch(self, worker: WorkerProcess, patience: float) -> bool:
        """Whether a batch of the worker is under way, waiting for one for a while."""
        tail = Tail(worker.log)
        return self.wait_for(lambda: tail.batch_under_way() or worker.code is not None, patience)

    def wait_for(self, holds: Callable[[], bool], patience: float, look_every: float = 0.02) -> bool:
        """Whether it holds within `patience` seconds."""
        deadline = time.monotonic() + patience
        while not holds():
            if time.monotonic() > deadline:
                return False
            time.sleep(look_every)
        return True


class Tail:
    """Follows a worker's log from where it ends now; whether a batch is under way is known from before."""

    def __init__(self, log: Path) -> None:
        self._log, self._place, self._under_way = log, 0, False
        self._begun = self._ended = 0
        self._read()

    def begins_another(self) -> bool:
        """Whether the log tells since the last look that a batch begins, and it has not ended."""
        begun = self._begun
        self._read()
        return self._under_way and self._begun > begun

    def ends_another(self) -> bool:
        """Whether the log tells since the last look that a batch has ended well."""
        ended = self._ended
        self._read()
        return self._ended > ended

    def batch_under_way(self) -> bool:
        """Whether the latest batch begun has not ended."""
        self._read()
        return self._under_way

    def _read(self) -> None:
        if not self._log.exists():
            return
        with self._log.open("rb") as file:
            file.seek(self._place)
            text = file.read()
        end = text.rfind(b"\n") + 1
        self._place += end
        for line in text[:end].splitlines():
            if b'"batch begins"' in line:
                self._under_way = True
                self._begun += 1
            elif b'"batch ends"' in line:
                self._under_way = False
                self._ended += 1
            elif b'"batch failed"' in line or b'"batch abandoned"' in line:
                self._under_way = False
