"""The page of all tables, written from the comments that they bear: `python -m sinks.clickhouse.tables`."""

import tempfile
from pathlib import Path

from sinks.clickhouse.database import Database
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.schema import BY_NAME

PAGE = Path(__file__).parents[2] / "docs" / "tables.md"

_HEAD = """# Tables

Written by `python -m sinks.clickhouse.tables` from the comments in `sinks/clickhouse/migrations/`;
a test holds it to them.

Every row is absolute, never an increment. Of rows with the same key the one with the greatest version holds,
so read with `FINAL`. A version is a place in the log: the broker's append time of the newest message folded,
then its offset; within an agency it grows strictly with every write.

What is done with a table (when a batch inserts it, what a rebuild makes anew, what the audit reads, a backup
holds and retention removes) follows from its description in `sinks/clickhouse/schema/`. A new table or column
is a migration, an entry there, and the code that fills it; an older worker must be able to write on, so a new
column has a default.
"""


def describe(database: Database) -> str:
    """All tables of a migrated database as Markdown."""
    tables = database.query(
        """
        SELECT name, engine, comment, engine_full, sorting_key, partition_key FROM system.tables
        WHERE database = currentDatabase() ORDER BY engine = 'View', name
        """
    )
    return _HEAD + "".join(_table(database, *table) for table in tables)


def _table(
    database: Database, name: str, engine: str, comment: str, full: str, key: str, partition: str
) -> str:
    columns = database.query(
        """
        SELECT name, type, default_kind, comment FROM system.columns
        WHERE database = currentDatabase() AND table = {table:String} ORDER BY position
        """,
        {"table": name},
    )
    kind = "View" if engine == "View" else f"`{full.split(' PARTITION BY')[0].split(' ORDER BY')[0]}`"
    facts = [*_role(name), kind]
    facts += [f"key `{key}`"] * bool(key) + [f"partitioned by `{partition}`"] * bool(partition)
    lines = [
        "",
        f"## {name}",
        "",
        f"{comment}.",
        "",
        ", ".join(facts),
        "",
        "| column | type | meaning |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{column}` | `{kind}`{' (computed)' if default == 'ALIAS' else ''} | {meaning} |"
        for column, kind, default, meaning in columns
    ]
    return "\n".join(lines) + "\n"


def _role(name: str) -> list[str]:
    table = BY_NAME.get(name)
    return [table.role.value.capitalize()] if table else []


def main() -> None:
    """Writes the page."""
    with tempfile.TemporaryDirectory() as directory, Database(Path(directory)) as database:
        migrate(database)
        PAGE.write_text(describe(database), encoding="utf-8")


if __name__ == "__main__":
    main()
