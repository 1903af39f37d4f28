"""The worker under test: what is put into its topic, and whether what became of that is right."""

import asyncio
import logging
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from random import Random

import psutil
from kafka import KafkaProducer

from emc.registry import load_registry
from sinks.audit.audit import audit
from sinks.clickhouse.database import Database
from streams.reading.app import KafkaSettings
from streams.supervision.worker import Worker
from tests.fuzz.mixtures import ALONE, BYSTANDERS, CODEC_NAMES, SUBJECT, TIMESTAMPS, Maker, Put, home
from tests.records import encode_batch, produce

BEGUN_ANEW = (
    "starting the stream again",
    "batch failed",
    "messages were passed over",
    "messages were not handed over",
)
PATIENCE = 90.0
_LOOK = 0.05


class Restarts(logging.Handler):
    """Counts what must not happen."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage() in BEGUN_ANEW:
            self.seen[record.getMessage()] += 1


class Arena:
    """A worker in a loop of its own, for the length of a `with` block."""

    def __init__(self, bootstrap: str, topic: str, database: Database, folder: Path, seed: int) -> None:
        self._bootstrap, self._topic, self._database = bootstrap, topic, database
        self._maker, self._random = Maker(seed), Random(seed)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        kafka = KafkaSettings(bootstrap, topic, group=topic)
        self.worker = Worker(kafka, database, folder, load_registry())
        self.restarts = Restarts()
        self._counts: Counter[str] = Counter()
        self._refused: dict[tuple[int, int], int] = {}
        self.kinds: Counter[str] = Counter()
        self.slowest = 0.0
        self.memory = 0

    def __enter__(self) -> "Arena":
        logging.getLogger("emc").addHandler(self.restarts)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.worker.start(), self._loop).result(60)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self.worker.stop(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        logging.getLogger("emc").removeHandler(self.restarts)

    def play(self) -> None:
        """One mixture: put, then awaited. AssertionError says what is not right."""
        puts = self._maker.mixture()
        by_partition: dict[int, list[Put]] = defaultdict(list)
        for put in puts:
            by_partition[put.partition].append(put)
        for partition, some in by_partition.items():
            self._put(partition, some)
        if self._random.random() < 0.3:
            self._transaction(self._random.choice(("commit", "abort", "commit", "open")))
        began = time.monotonic()
        self._await("bystanders", self._bystanders_count)
        self.slowest = max(self.slowest, time.monotonic() - began)
        # what an open transaction holds up is no lag, and is not read before it ends
        self._await("open transactions", lambda: not self.worker.topic.backlog().undecided)
        self._await("lag", lambda: self.worker.lag() == 0)
        self.memory = max(self.memory, psutil.Process().memory_info().rss)
        self._compare()

    def _put(self, partition: int, puts: list[Put]) -> None:
        """In batches of a few, each under another codec."""
        while puts:
            number = self._random.randrange(1, 6)
            some, puts = puts[:number], puts[number:]
            codec, timestamp = self._random.choice(CODEC_NAMES), self._random.choice(TIMESTAMPS)
            raw = encode_batch([put.record for put in some], codec, timestamp)
            first, _ = produce(self._bootstrap, self._topic, partition, raw)
            for place, put in enumerate(some):
                self.kinds[put.kind] += 1
                self._counts[put.agency] += put.counts
                if put.refused:
                    self._refused[partition, first + place] = put.refused

    def _transaction(self, end: str) -> None:
        agency = ALONE if end == "open" else SUBJECT
        record = self._maker.valid(agency=agency)
        producer = KafkaProducer(
            bootstrap_servers=self._bootstrap,
            transactional_id=f"{self._topic}-{self.kinds.total()}",
            transaction_timeout_ms=1_000,
        )
        try:
            producer.init_transactions()
            producer.begin_transaction()
            producer.send(self._topic, record.value, record.key, partition=home(agency))
            producer.flush(20)
            if end == "commit":
                producer.commit_transaction()
                self._counts[agency] += 1
            elif end == "abort":
                producer.abort_transaction()
        finally:
            producer.close(timeout=1)
        self.kinds[f"transaction: {end}"] += 1

    def _await(self, what: str, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s for {what}; {self.worker.waiting()}"
            time.sleep(_LOOK)

    def _counted(self) -> set[tuple[str, int]]:
        sql = "SELECT agency, sum(dossiers) FROM tallies FINAL WHERE attribution = 'receipt' GROUP BY agency"
        return {(agency, int(number)) for agency, number in self._database.query(sql)}

    def _bystanders_count(self) -> bool:
        return self._counted() >= {(code, self._counts[code]) for code in BYSTANDERS if code != SUBJECT}

    def _compare(self) -> None:
        """Every number and every refusal; of a message sent on the refusal lies where it arrived."""
        wanted = {(agency, number) for agency, number in self._counts.items() if number}
        assert self._counted() == wanted, sorted(self._counted() ^ wanted)
        sql = "SELECT partition, offset, count() FROM rejections FINAL GROUP BY partition, offset"
        found = {(partition, offset): count for partition, offset, count in self._database.query(sql)}
        assert sum(found.values()) == sum(self._refused.values()), {
            place: (found.get(place), self._refused.get(place))
            for place in found.keys() | self._refused.keys()
            if found.get(place) != self._refused.get(place)
        }
        assert not self.restarts.seen, dict(self.restarts.seen)

    def audited(self) -> int:
        """Rows that differ from their second computation."""
        return int(audit(self._database, pause=0)["different"])
