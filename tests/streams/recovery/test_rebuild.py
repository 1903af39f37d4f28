"""Tables made anew beside those in use, while a worker writes: every number is then the oracle's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition

from deploy.broker import Broker
from emc.identifiers import partition_of
from emc.instants import now_us, today
from emc.registry import load_registry
from emc.settings.upkeep import Upkeep
from sinks.audit.audit import audit
from sinks.clickhouse.database import Database
from sinks.maintenance.backup import backup
from sinks.maintenance.erasure import erase
from sinks.maintenance.restore import restore
from sinks.maintenance.retention import drop_old
from streams.reading.app import KafkaSettings
from streams.recovery.from_events import RebuildRefused, rebuild_from_events
from streams.recovery.from_topic import rebuild_from_topic
from streams.supervision.worker import Worker
from tests.engine import embedded_database
from tests.histories import Message, Shape, history
from tests.histories.comparing import of_tables
from tests.histories.topic import read, send
from tests.oracle import Oracle, read_agencies
from tests.waiting import until

pytestmark = pytest.mark.timeout(300)  # for a machine that is busy with other things
AGENCIES = read_agencies(Path(__file__).parents[3] / "emc" / "data" / "agencies.csv")
PARTITIONS = 12
DEADLINE = 100.0
SHAPE = Shape(dossiers=40, catalogue=15, declarations=10, agencies=("H25", "H42", "H26", "G12"))
Rebuild = Callable[["Journey", Worker | None], Awaitable[dict[str, Any]]]


@dataclass
class Journey:
    """A topic, a database, and the directory of a worker."""

    kafka: KafkaSettings
    database: Database
    folder: Path

    def send(self, messages: list[Message]) -> None:
        send(self.kafka.bootstrap, self.kafka.topic, messages, PARTITIONS, astray=0.03)

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[Worker]:
        """A worker that has read everything there is."""
        worker = Worker(
            self.kafka, self.database, self.folder / "worker", load_registry(), Upkeep(audit_every=0)
        )
        await worker.start()
        try:
            await settled(worker)
            yield worker
        finally:
            await worker.stop()

    def assert_right(self) -> None:
        oracle = Oracle(AGENCIES, PARTITIONS)
        for record in read(self.kafka.bootstrap, self.kafka.topic, PARTITIONS):
            oracle.feed(record)
        assert oracle.accepted > 500
        different = of_tables(self.database, oracle, today())
        assert not different, "\n".join(f"{name}: {all_}" for name, all_ in different.items())
        found = audit(self.database, pause=0)
        assert (found["different"], found["unsettled"]) == (0, 0)

    def spoil(self) -> None:
        """As if a fold had been wrong: states, cells and rates that no event made."""
        for table, column in (("dossiers", "signature"), ("tallies", "dossiers"), ("rates", "numerator")):
            self.database.command(
                f"ALTER TABLE {table} UPDATE {column} = {column} + 1 WHERE agency = 'H26'"
                " SETTINGS mutations_sync = 1"
            )


async def settled(worker: Worker) -> None:
    """As `caught_up`, and nothing is waited for."""
    await until(lambda: worker.topic.lag() == 0 and worker.waiting() is None)


@asynccontextmanager
async def nobody_writes() -> AsyncIterator[None]:
    """The workers are stopped already."""
    yield


@pytest.fixture
def journey(broker: Broker, topic_names: tuple[str, str], tmp_path: Path) -> Iterator[Journey]:
    with embedded_database() as database:
        topic = topic_names[0]
        yield Journey(KafkaSettings(broker.bootstrap, topic, group=topic), database, tmp_path)


async def from_topic(journey: Journey, worker: Worker | None) -> dict[str, Any]:
    stopped = worker.paused if worker else nobody_writes
    return await rebuild_from_topic(journey.kafka, journey.database, load_registry(), journey.folder, stopped)


async def from_events(journey: Journey, worker: Worker | None) -> dict[str, Any]:
    stopped = worker.paused if worker else nobody_writes
    return await rebuild_from_events(journey.database, journey.folder, stopped)


@pytest.mark.parametrize("rebuild", [from_topic, from_events])
def test_what_was_spoiled_is_made_anew_while_a_worker_writes(journey: Journey, rebuild: Rebuild) -> None:
    messages = history(5, today(), SHAPE)
    journey.send(messages[::2])

    async def scenario() -> None:
        async with journey.worker() as worker:
            await asyncio.to_thread(journey.spoil)
            sending = asyncio.create_task(asyncio.to_thread(journey.send, messages[1::2]))
            found = await rebuild(journey, worker)
            assert found["different"] == 0
            assert found["checked"] > 100
            await sending
            await settled(worker)

    asyncio.run(scenario())
    journey.assert_right()
    assert journey.database.query("SHOW DATABASES LIKE '%rebuilt'") == []
    assert not (journey.folder / "rebuild").exists()


@pytest.mark.parametrize("rebuild", [from_topic, from_events])
def test_with_the_workers_stopped_and_one_started_later(journey: Journey, rebuild: Rebuild) -> None:
    messages = history(6, today(), SHAPE)
    journey.send(messages[::2])

    async def digest() -> None:
        async with journey.worker():
            pass

    asyncio.run(digest())
    before = journey.database.query("SELECT count() FROM rate_history FINAL")
    journey.spoil()
    journey.send(messages[1::2])
    asyncio.run(rebuild(journey, None))  # type: ignore[arg-type]
    assert journey.database.query("SELECT count() FROM rate_history FINAL") == before
    asyncio.run(digest())
    journey.assert_right()


@pytest.mark.parametrize("end", ["commit", "abort", "stays open"])
def test_a_transaction_at_the_end_of_the_topic_ends_no_rebuild_too_late(journey: Journey, end: str) -> None:
    """A marker takes an offset that no message will ever have; what is open is no message yet."""
    journey.send(history(8, today(), SHAPE)[:200])
    producer = KafkaProducer(bootstrap_servers=journey.kafka.bootstrap, transactional_id=journey.kafka.topic)
    producer.init_transactions()
    producer.begin_transaction()
    producer.send(journey.kafka.topic, b"[]", b"H25", partition=partition_of(b"H25", PARTITIONS))
    producer.flush()
    if end != "stays open":
        producer.commit_transaction() if end == "commit" else producer.abort_transaction()

    async def rebuilt() -> dict[str, Any]:
        async with asyncio.timeout(DEADLINE):
            return await from_topic(journey, None)

    try:
        assert asyncio.run(rebuilt())["different"] == 0
    finally:
        producer.close(timeout=1)


@pytest.mark.parametrize("rebuild", [from_topic, from_events])
def test_an_erased_dossier_comes_back_by_no_rebuild(journey: Journey, rebuild: Rebuild) -> None:
    journey.send(history(7, today(), SHAPE)[:300])
    digest = "SELECT count() FROM dossiers FINAL", "SELECT count() FROM events WHERE type = 'dossier'"

    async def scenario() -> None:
        async with journey.worker() as worker:
            ((dossier, events),) = journey.database.query(
                "SELECT subject, count() AS n FROM events FINAL WHERE type = 'dossier'"
                " GROUP BY subject ORDER BY n DESC LIMIT 1"
            )
            before = [journey.database.query(sql)[0][0] for sql in digest]
            async with worker.paused():
                found = await asyncio.to_thread(erase, journey.database, dossier)
            assert (found["dossiers"], found["events"]) == (1, events)
            await settled(worker)
            assert (await rebuild(journey, worker))["traces"] == 0
            await settled(worker)
            assert [journey.database.query(sql)[0][0] for sql in digest] == [
                before[0] - 1,
                before[1] - events,
            ]

    asyncio.run(scenario())
    found = audit(journey.database, pause=0)
    assert (found["different"], found["unsettled"], found["erased"], found["traces"]) == (0, 0, 1, 0)


def test_a_topic_that_lost_its_beginning_is_refused(journey: Journey) -> None:
    journey.send(history(7, today(), SHAPE)[:50])
    with KafkaAdminClient(bootstrap_servers=journey.kafka.bootstrap) as admin:
        admin.delete_records({TopicPartition(journey.kafka.topic, n): -1 for n in range(PARTITIONS)})
    with pytest.raises(RebuildRefused, match="begins at offset"):
        asyncio.run(from_topic(journey, None))


def test_events_of_an_earlier_topic_are_not_given_up(journey: Journey) -> None:
    async def digest() -> None:
        async with journey.worker():
            pass

    journey.send(history(7, today(), SHAPE)[:50])
    asyncio.run(digest())
    journey.database.command(
        "INSERT INTO events SELECT * REPLACE ('of old' AS topic_id, offset + 1000000 AS offset)"
        " FROM events LIMIT 5"
    )
    with pytest.raises(RebuildRefused, match="5 events came from an earlier topic"):
        asyncio.run(from_topic(journey, None))


def test_without_all_events_states_are_not_made_anew(journey: Journey) -> None:
    async def digest() -> None:
        async with journey.worker():
            pass

    journey.send(history(8, today(), SHAPE)[:80])
    asyncio.run(digest())
    journey.database.command("ALTER TABLE events DELETE WHERE agency = 'H26' SETTINGS mutations_sync = 1")
    with pytest.raises(RebuildRefused, match="would be lost"):
        asyncio.run(from_events(journey, None))
    assert drop_old(journey.database, "events", 1, now_us() // 1000 + 90 * 86_400_000)
    with pytest.raises(RebuildRefused, match="dropped by retention"):
        asyncio.run(from_events(journey, None))


def test_a_backup_taken_meanwhile_and_the_topic_end_in_the_same_numbers(journey: Journey) -> None:
    messages = history(9, today(), SHAPE)
    journey.send(messages[::3])

    async def scenario() -> None:
        async with journey.worker() as worker:
            sending = asyncio.create_task(asyncio.to_thread(journey.send, messages[1::3]))
            await asyncio.to_thread(backup, journey.database, journey.folder / "backup")
            await sending
            await settled(worker)

    async def digest() -> None:
        async with journey.worker():
            pass

    asyncio.run(scenario())
    journey.send(messages[2::3])
    restore(journey.database, journey.folder / "backup", replace=True)
    asyncio.run(digest())  # with the local store from before the disaster
    journey.assert_right()
