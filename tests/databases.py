"""Databases lent to one test after the other: to empty one costs a tenth of what all migrations cost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from itertools import count

from sinks.clickhouse import schema
from sinks.clickhouse.database import Database, Row
from sinks.clickhouse.migrate import load_tables, migrate

_LOADED = (schema.AGENCIES.name, schema.REPORTED_FIGURES.name)
"""Tables that migrations leave filled, beside that of migrations."""
_MANY = 300
"""Parts: to remove so many, each by itself, takes longer than to drop them all with their tables."""
_numbers = count(1)


def new_name() -> str:
    """The name of a database that does not exist yet in an engine of this process."""
    return f"test_{next(_numbers)}"


@dataclass(frozen=True)
class Seen:
    """What a database is: statements that make its tables, migrations applied, parts of what is loaded."""

    shape: dict[str, str]
    applied: list[Row]
    loaded: list[Row]


class Shelf:
    """Databases of one engine that nobody uses at present, each as `migrate` leaves a new one."""

    def __init__(self, opened: Callable[[str], Database]) -> None:
        """`opened` gives access to the database of a name."""
        self._opened = opened
        self._free: list[tuple[Database, Seen]] = []

    @contextmanager
    def lent(self) -> Iterator[Database]:
        """A database as new. One whose test failed, or left other tables or very many parts, is dropped."""
        database, new = self._free.pop() if self._free else self._made()
        given = copy(database)  # it shares clients, which are dear to open, and nothing that a test may set
        vars(given)["_types"] = {}  # what it has read of tables is its own too
        yield given
        if (emptied := _emptied(database, new)) is not None:
            self._free.append((database, emptied))
        else:
            database.command(f"DROP DATABASE IF EXISTS `{database.name}` SYNC")
            database.close()

    def _made(self) -> tuple[Database, Seen]:
        database = self._opened(new_name())
        migrate(database)
        return database, _seen(database)


def _emptied(database: Database, new: Seen) -> Seen | None:
    """Empties it; None when its tables are not those that migrations made, or that would take long."""
    now = _seen(database)
    if (now.shape, now.applied) != (new.shape, new.applied):
        return None
    filled = database.query(
        "SELECT table, count() FROM system.parts WHERE active AND database = currentDatabase() GROUP BY table"
    )
    if sum(parts for _, parts in filled) > _MANY:
        return None
    is_loaded = now.loaded == new.loaded
    kept = ("migrations", *_LOADED) if is_loaded else ("migrations",)
    for table, _ in filled:
        if table not in kept:
            database.command(f"TRUNCATE TABLE `{table}` SYNC")
    if not is_loaded:
        load_tables(database)
    return now if is_loaded else _seen(database)


def _seen(database: Database) -> Seen:
    tables = "SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase()"
    return Seen(
        dict(database.query(tables)),
        database.query("SELECT number, name FROM migrations FINAL ORDER BY number"),
        database.query(
            "SELECT table, name FROM system.parts WHERE active AND database = currentDatabase()"
            f" AND table IN {_LOADED} ORDER BY table, name"
        ),
    )
