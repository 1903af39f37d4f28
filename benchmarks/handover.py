"""How long events wait while workers join and leave: one works, another joins, leaves in order, is killed.

Each worker is a process, ClickHouse another, and a sender goes on all the time, a few hundred events a second
of all agencies. What waits is told by partition: of each the longest time for which it was behind and nothing
of it became durable. Afterwards every event must be in the rates, once. Part of `benchmarks.recovery`.
"""

import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.load import DAY, received
from benchmarks.memory import command
from deploy.broker import Broker
from deploy.topics import EVENTS, ensure_topics
from emc.registry import load_registry
from producers.client import Client
from sinks.clickhouse.database import Database
from streams.batch.commits import positions
from streams.reading.topic import TopicReader
from tests.engine import Front

RATE = 300
_EVERY = 0.1
_PATIENCE = 120.0


class Seen(NamedTuple):
    """At `seconds`: where ClickHouse says that reading goes on, and where the topic ends, by partition."""

    seconds: float
    durable: Mapping[int, int]
    ends: Mapping[int, int]


def longest_waits(course: Sequence[Seen]) -> dict[int, float]:
    """By partition the longest time, in seconds, for which it was behind and what is durable did not move."""
    found: dict[int, float] = {}
    since: dict[int, float] = {}
    before: Mapping[int, int] = {}
    for seconds, durable, ends in course:
        for partition, end in ends.items():
            place = durable.get(partition, 0)
            if place != before.get(partition, 0):
                since.pop(partition, None)
            if place < end:
                waited = seconds - since.setdefault(partition, seconds)
                found[partition] = max(found.get(partition, 0.0), waited)
            else:
                since.pop(partition, None)
        before = durable
    return found


class Sender(threading.Thread):
    """Sends events of all agencies in turn, RATE a second, until told to end."""

    def __init__(self, bootstrap: str, agencies: Iterable[str]) -> None:
        super().__init__(name="sender")
        self._kafka, self._agencies = bootstrap, list(agencies)
        self.ending, self.sent = threading.Event(), Counter[str]()

    def run(self) -> None:
        """Ends once all that was sent is acknowledged."""
        number, began = 0, time.monotonic()
        with Client(self._kafka, linger=0.01) as client:
            while not self.ending.wait(_EVERY):
                while number < (time.monotonic() - began) * RATE:
                    agency = self._agencies[number % len(self._agencies)]
                    client.send(agency, received(agency, number))
                    self.sent[agency] += 1
                    number += 1


class Watch:
    """Looks how far the tables are."""

    def __init__(self, db: Database, bootstrap: str) -> None:
        self._db, self._topic = db, TopicReader(bootstrap, EVENTS, "emc")
        self._id = self._topic.facts().topic_id

    def look(self) -> Seen:
        """How far they are now."""
        ends = self._topic.ends()
        return Seen(time.monotonic(), positions(self._db, self._id), ends)

    def course(self, seconds: float) -> list[Seen]:
        """All that is seen during so many seconds."""
        until, seen = time.monotonic() + seconds, [self.look()]
        while seen[-1].seconds < until:
            time.sleep(_EVERY)
            seen.append(self.look())
        return seen

    def settle(self) -> None:
        """Waits until all is durable; SystemExit when it takes longer than two minutes."""
        until = time.monotonic() + _PATIENCE
        while any(now.durable.get(n, 0) < end for now in [self.look()] for n, end in now.ends.items()):
            if time.monotonic() > until:
                sys.exit(f"not all was durable after {_PATIENCE:.0f} s")
            time.sleep(_EVERY)

    def close(self) -> None:
        """Gives up its connection to the broker."""
        self._topic.close()


def line(what: str, course: Sequence[Seen]) -> dict[str, Any]:
    """A line of the table."""
    waits = sorted(longest_waits(course).values())
    longest, middle = (waits[-1], waits[len(waits) // 2]) if waits else (0.0, 0.0)
    return {"what": what, "longest wait s": longest, "of the middle partition s": middle}


def check(db: Database, sent: Mapping[str, int]) -> None:
    """SystemExit unless each agency's events are in its rate, each once."""
    found: dict[str, int] = dict(
        db.query(
            "SELECT agency, denominator FROM rates FINAL WHERE metric = 'online_submission'"
            " AND definition = 'channel' AND period = 'day' AND start = {day:Date}",
            {"day": DAY},
        )
    )
    if wrong := [agency for agency, number in sent.items() if found.get(agency) != number]:
        sys.exit(f"the rates of {', '.join(wrong)} do not hold what was sent")


def measure(folder: Path, stretch: float) -> list[dict[str, Any]]:
    """The table; `stretch`: seconds for which each is looked at, more than Kafka waits for a dead member."""
    with ExitStack() as stack:
        broker = stack.enter_context(Broker(folder / "broker"))
        front = stack.enter_context(Front(folder / "engine"))
        ensure_topics(broker.bootstrap)
        arguments = ("worker", "--kafka", broker.bootstrap, "--clickhouse", front.url("emc"), "--data-dir")
        stack.enter_context(command(*arguments, folder / "first"))
        db = stack.enter_context(Database(front.url("emc")))
        sender = Sender(broker.bootstrap, load_registry().agencies)
        sender.start()
        watch = Watch(db, broker.bootstrap)
        stack.callback(watch.close)
        stack.callback(sender.join)
        stack.callback(sender.ending.set)
        watch.course(stretch / 2)
        rows = [line("one worker", watch.course(stretch))]
        rows += _joined(watch, [*arguments, folder / "second"], stretch, "leaves", signal.SIGINT)
        rows += _joined(watch, [*arguments, folder / "third"], stretch, "is killed", signal.SIGKILL)
        sender.ending.set()
        sender.join()
        watch.settle()
        check(db, sender.sent)
    return rows


def _joined(
    watch: Watch, order: Sequence[object], stretch: float, how: str, ending: signal.Signals
) -> list[dict[str, Any]]:
    """Lines of a second worker: while it joins, and after it was sent a signal."""
    begun = watch.look()
    with command(*order) as (pid, _):
        joined = [begun, *watch.course(stretch)]
        os.kill(pid, ending)
        left = watch.course(stretch)
    return [line("another joins", joined), line(f"it {how}", left)]
