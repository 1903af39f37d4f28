"""A data directory as an older program left it, opened by this one: same numbers, nothing rebuilt by hand.

`of_6355878.tar.xz` holds what the program of commit 6355878 (before contract 1.1) left of the simulated month
of three agencies, without a broker: `schema.sql` as its engine told it, each table's rows in ClickHouse's
Native format, its local store, and `rates.json`, what it answered itself.
"""

import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from emc.registry import load_registry
from sinks.audit.audit import audit
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import migrate, statements
from sinks.queries.rate_query import RateQuery
from sinks.queries.reader import Reader
from streams.agencies.store import Store
from streams.batch.retrying import RetryUntilStopped
from streams.reading.lease import Lease
from streams.reading.slices import Slice
from streams.reading.topic import TopicFacts
from streams.supervision.stages import Stages, build_stages
from tests.dashboards.month import PARTITIONS, Nowhere
from tests.engine import embedded_database

ARCHIVE = Path(__file__).parent / "of_6355878.tar.xz"
OLD, NEW = {1, 2, 3}, "claimed"


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the old program left, unpacked."""
    folder = tmp_path_factory.mktemp("left")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture
def old(left: Path) -> Iterator[Database]:
    """A database with the tables and rows of the old program."""
    with embedded_database(migrated=False) as database:
        database.create()
        for statement in statements((left / "schema.sql").read_text("utf-8")):
            database.command(statement)
        insert(database, left)
        yield database


def insert(database: Database, left: Path) -> None:
    """Inserts as the old program did: with the columns that it knew."""
    for path in sorted(left.glob("*.native")):
        database.command(f"INSERT INTO {path.stem} ({columns(path)}) SELECT * FROM file('{path}', Native)")


def columns(path: Path) -> str:
    """The columns of the old program's table that a row is written with."""
    text = (path.parent / "schema.sql").read_text("utf-8").partition(f"CREATE TABLE {path.stem}\n")[2]
    named = re.findall(r"^    `(\w+)` (?!.* ALIAS )", text.partition("\n)\n")[0], re.MULTILINE)
    return ", ".join(f"`{name}`" for name in named)


def opened(database: Database, store: Path) -> tuple[Stages, Lease]:
    """A worker of today that has taken over every partition."""
    outbox: Any = Nowhere()
    stages = build_stages(database, Store(store), load_registry(), "emc.events", outbox, RetryUntilStopped())
    found: dict[int, int] = dict(
        database.query("SELECT partition, max(next_offset) FROM positions FINAL GROUP BY partition")
    )
    starts = {partition: found.get(partition, 0) for partition in range(PARTITIONS)}
    lease = Lease(TopicFacts("simulated", PARTITIONS), starts, starts)
    assert stages.owner.take_over(lease)
    return stages, lease


def numbers(rates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rates without those of definitions that the old program did not know."""
    return [rate for rate in rates if rate["definition"] != NEW]


def answers_the_same(database: Database, left: Path) -> bool:
    """Whether today's reader says of old data what the old one said."""
    reader = Reader(database, load_registry())
    said = json.loads((left / "rates.json").read_text("utf-8"))
    assert sum(len(each["rates"]) for each in said) > 200
    return all(numbers(reader.rates(RateQuery(**each["query"]))) == each["rates"] for each in said)


def test_old_data_is_opened_with_the_same_numbers(old: Database, left: Path, tmp_path: Path) -> None:
    assert set(migrate(old)).isdisjoint(OLD)
    assert answers_the_same(old, left), "before any worker has come"
    store = tmp_path / "store"
    store.mkdir()
    for path in (left / "store").iterdir():
        (store / path.name).write_bytes(path.read_bytes())
    stages, lease = opened(old, store)
    assert answers_the_same(old, left)
    found = audit(old)
    assert (found["different"], found["unsettled"]) == (0, 0)
    claimed = Reader(old, load_registry()).rates(RateQuery(definition=NEW, start="2024-03-01"))
    assert {rate["agency"] for rate in claimed if "agency" in rate} == {"G12", "H25", "H44"}
    settle_one(old, stages, lease)
    assert audit(old)["different"] == 0
    stages.durability.close()


def settle_one(database: Database, stages: Stages, lease: Lease) -> None:
    """What contract 1.1 adds is folded into a state that the old program wrote."""
    dossier = database.query(
        "SELECT dossier, received_at FROM dossiers FINAL WHERE agency = 'H25' AND isNotNull(received_at)"
        " AND NOT removed ORDER BY dossier LIMIT 1"
    )[0][0]
    event = {
        "specversion": "1.0", "id": "settled", "source": "/agencies/H25", "type": "vn.emc.dossier.v1",
        "subject": dossier, "time": "2024-05-01T00:00:00+07:00", "data": {"settled_by": "G12"},
    }  # fmt: skip
    ((partition, offset),) = database.query(
        "SELECT partition, next_offset FROM commits FINAL WHERE agency = 'H25'"
    )
    record: Any = SimpleNamespace(
        key=b"H25", value=json.dumps(event).encode(), headers=[], offset=offset,
        timestamp=1_800_000_000_000, partition=partition,
    )  # fmt: skip
    batch = stages.owner.fold(stages.gatherer.gather([Slice.of(lease, partition, [record])]))
    assert batch is not None
    stages.durability.make_durable(batch)
    reader = Reader(database, load_registry())
    assert reader.explain(dossier)["settler"] == "G12"


def test_what_an_old_worker_goes_on_writing_is_right_too(left: Path, tmp_path: Path) -> None:
    with embedded_database() as database:  # migrated by a new worker, while the old one still writes
        insert(database, left)
        assert answers_the_same(database, left)
        stages, _ = opened(database, tmp_path / "store")
        assert answers_the_same(database, left)
        found = audit(database)
        assert (found["different"], found["unsettled"]) == (0, 0)
        stages.durability.close()
