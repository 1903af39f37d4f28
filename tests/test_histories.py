"""Random histories through the whole path, Kafka to ClickHouse, against the oracle's direct calculation."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from deploy.broker import Broker
from emc.instants import today
from emc.registry import load_registry
from sinks.clickhouse.database import Database
from streams.reading.app import KafkaSettings
from streams.supervision.worker import Worker
from tests.engine import embedded_database
from tests.histories import Message, Shape, history
from tests.histories.comparing import everything, of_rates, of_registers, of_tables, of_tallies
from tests.histories.delegates import DELEGATIONS, write_registry
from tests.histories.extremes import century_events
from tests.histories.generator import agency_of
from tests.histories.packing import pack
from tests.histories.rejected_topic import of_rejected_topic
from tests.histories.topic import read, send
from tests.oracle import Oracle, Record, read_agencies
from tests.waiting import digest

AGENCIES = read_agencies(Path(__file__).parents[1] / "emc" / "data" / "agencies.csv")
PARTITIONS = 12
Compared = Callable[[Database, Oracle, date], dict[str, list[Any]]]


@dataclass
class Journey:
    """A topic, a database and a place for the worker's store."""

    bootstrap: str
    topic: str
    database: Database
    directory: Path

    def worker(self, name: str = "worker") -> Worker:
        kafka = KafkaSettings(self.bootstrap, self.topic, group=self.topic)
        registry = load_registry(write_registry(self.directory / "registry"))
        return Worker(kafka, self.database, self.directory / name, registry)

    def send(self, messages: list[Message]) -> None:
        send(self.bootstrap, self.topic, messages, PARTITIONS, astray=0.03)

    def records(self, suffix: str = "") -> list[Record]:
        return list(read(self.bootstrap, self.topic + suffix, PARTITIONS))

    def oracle(self) -> Oracle:
        oracle = Oracle(AGENCIES, PARTITIONS, DELEGATIONS)
        for record in self.records():
            oracle.feed(record)
        return oracle


@pytest.fixture
def journey(broker: Broker, topic_names: tuple[str, str], tmp_path: Path) -> Iterator[Journey]:
    with embedded_database() as database:
        yield Journey(broker.bootstrap, topic_names[0], database, tmp_path)


def assert_right(journey: Journey, compared: Compared = of_tables) -> Oracle:
    """Compares every table, and every rate that is given out; returns the oracle for more."""
    oracle = journey.oracle()
    different = compared(journey.database, oracle, today())
    assert not different, "\n".join(f"{name}: {each}" for name, all_ in different.items() for each in all_)
    return oracle


def messages(seed: int, shape: Shape | None = None) -> list[Message]:
    return history(seed, today(), shape or Shape(delegates=True))


@pytest.mark.parametrize("seed", range(2))
def test_a_random_history_ends_in_the_oracles_numbers(journey: Journey, seed: int) -> None:
    journey.send(messages(seed))
    asyncio.run(digest(journey.worker()))
    oracle = assert_right(journey, everything)
    assert oracle.misplaced
    assert oracle.accepted > 5_000
    assert oracle.delegated > 200
    assert len(oracle.rejections) > 100
    assert of_rejected_topic(journey.records(".rejected"), journey.records(), oracle) == []


def test_a_history_in_three_parts_with_the_local_store_lost_between(journey: Journey) -> None:
    sent = messages(2, Shape(dossiers=120))
    for number in range(3):
        journey.send(sent[number::3])
        asyncio.run(digest(journey.worker(f"worker-{number}")))
    assert_right(journey)


def test_a_history_read_by_two_workers(journey: Journey) -> None:
    journey.send(messages(3, Shape(dossiers=120)))
    asyncio.run(digest(journey.worker("one"), journey.worker("two")))
    assert_right(journey)


def test_a_dossier_of_every_month_of_a_century_in_two_batches(journey: Journey) -> None:
    agency = agency_of("G12", today())
    random = Random(4)
    journey.send(list(pack(random, b"G12", century_events(random, agency), sizes=(1000,))))
    asyncio.run(digest(journey.worker()))
    oracle = journey.oracle()
    assert oracle.accepted == 1200
    assert of_registers(journey.database, oracle) == []
    assert of_tallies(journey.database, oracle) == []
    assert of_rates(journey.database, oracle, today()) == []
