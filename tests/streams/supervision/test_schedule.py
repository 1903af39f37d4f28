"""What a worker does beside the stream: it finds what is wrong in the tables, mends it, and says so."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.broker import Broker
from emc.instants import today
from emc.registry import load_registry
from emc.settings.upkeep import Upkeep
from sinks.audit.audit import audit
from sinks.clickhouse.database import Database
from streams.reading.app import KafkaSettings
from streams.supervision.schedule import Schedule
from streams.supervision.worker import Worker
from tests.engine import embedded_database
from tests.histories import Message, Shape, history
from tests.histories.topic import send
from tests.waiting import caught_up, until

DEADLINE = 90.0
SMALL = Shape(dossiers=20, catalogue=5, declarations=5, agencies=("H25", "H26"))


@dataclass
class Stream:
    """A topic that holds a small history, and a database."""

    bootstrap: str
    topic: str
    database: Database
    directory: Path

    @asynccontextmanager
    async def worker(self, upkeep: Upkeep) -> AsyncIterator[Worker]:
        """A worker that has read everything."""
        kafka = KafkaSettings(self.bootstrap, self.topic, group=self.topic)
        folder = self.directory / uuid.uuid4().hex
        worker = Worker(kafka, self.database, folder, load_registry(), upkeep)
        await worker.start()
        try:
            await caught_up(worker)
            yield worker
        finally:
            await worker.stop()


@pytest.fixture
def stream(broker: Broker, topic_names: tuple[str, str], tmp_path: Path) -> Iterator[Stream]:
    with embedded_database() as database:
        send(broker.bootstrap, topic_names[0], history(1, today(), SMALL), 12)
        yield Stream(broker.bootstrap, topic_names[0], database, tmp_path)


def test_what_an_audit_finds_is_counted_and_mended(stream: Stream) -> None:
    async def scenario() -> None:
        async with stream.worker(Upkeep(audit_every=0.2)) as worker:
            await until(lambda: worker.schedule.audit)
            assert worker.schedule.audit is not None
            assert worker.schedule.audit.different == 0
            stream.database.command(
                "ALTER TABLE rates UPDATE numerator = numerator + 1 WHERE agency = 'H26' AND denominator > 0"
                " SETTINGS mutations_sync = 1"
            )
            await until(lambda: worker.schedule.mended)
            await until(lambda: worker.schedule.audit and worker.schedule.audit.different == 0)
        assert audit(stream.database, pause=0)["different"] == 0

    asyncio.run(scenario())


def test_what_a_rebuild_would_read_is_never_rebuilt_from(stream: Stream) -> None:
    """A dossier lost in ClickHouse alone: the worker's own state is right, so its rates stay as they are."""

    async def scenario() -> None:
        async with stream.worker(Upkeep(audit_every=0.2)) as worker:
            rates = stream.database.query(_RATES)
            stream.database.command(
                "ALTER TABLE dossiers DELETE WHERE agency = 'H26' AND signature > 0"
                " SETTINGS mutations_sync = 1"
            )
            await until(lambda: worker.schedule.audit and worker.schedule.audit.different)
            assert worker.schedule.mended == 0
            assert stream.database.query(_RATES) == rates

    asyncio.run(scenario())


_RATES = (
    "SELECT agency, metric, definition, period, start, numerator, denominator FROM rates FINAL ORDER BY ALL"
)


def test_rows_of_a_write_that_never_ended_are_reconciled(stream: Stream) -> None:
    async def scenario() -> None:
        async with stream.worker(Upkeep(audit_every=0.2)) as worker:
            stream.database.command(
                "INSERT INTO tallies SELECT * REPLACE (dossiers + 5 AS dossiers, version + 9 AS version)"
                " FROM tallies FINAL WHERE agency = 'H25' LIMIT 3"
            )
            assert audit(stream.database, pause=0)["unsettled"] == 1
            await until(lambda: worker.schedule.mended)
            found = audit(stream.database)
            assert (found["different"], found["unsettled"]) == (0, 0)

    asyncio.run(scenario())


def test_a_source_whose_events_are_refused_is_marked_and_the_others_go_on(stream: Stream) -> None:
    send(stream.bootstrap, stream.topic, [Message(b"H42", b"{}", [])] * 30, 12)

    async def scenario() -> None:
        async with stream.worker(Upkeep(broken_least=20)) as worker:
            counts = worker.progress.agencies
            assert counts.broken() == ["H42"]
            assert set(counts.accepted) == {"H25", "H26"}
            assert counts.rejected.total() == worker.progress.totals["rejected"]

    asyncio.run(scenario())


@pytest.mark.parametrize(("every", "is_asked"), [(0.0, False), (3600.0, True)])
def test_without_an_interval_no_agency_is_looked_for(
    database: Database, every: float, is_asked: bool
) -> None:
    """Audits begin before the work on tables does: once that has, it is decided."""
    asked, begun = list[str](), asyncio.Event()

    def agencies() -> list[str]:
        asked.append("agencies")
        return ["H25"]

    def has_first() -> bool:
        begun.set()
        return False

    async def mend(agency: str, only_unfinished: bool) -> bool:
        return False

    async def scenario() -> None:
        schedule = Schedule(database, Upkeep(audit_every=every), agencies, mend, has_first)
        running = asyncio.create_task(schedule.run())
        await asyncio.wait_for(begun.wait(), 10)
        schedule.stop()
        await running

    asyncio.run(scenario())
    assert bool(asked) == is_asked
