"""Comparing what is stored with what follows from something else, inside the engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sinks.database import Database

SHOWN = 100
"""As many differences are listed; the others are counted."""


@dataclass
class Findings:
    """What comparisons found: rows compared, rows that differ, their tables, and the first of the rows."""

    checked: int = 0
    different: int = 0
    differences: list[dict[str, Any]] = field(default_factory=list)
    tables: frozenset[str] = frozenset()

    def add(self, other: "Findings") -> None:
        """Takes over the findings of further comparisons."""
        self.checked += other.checked
        self.different += other.different
        self.tables |= other.tables
        self.differences = (self.differences + other.differences)[:SHOWN]


@dataclass(frozen=True)
class Comparison:
    """A table to compare, with a SELECT of (k: key, e: expected value, f: found value, bad: they differ)."""

    table: str
    sql: str

    def run(self, database: Database, parameters: Mapping[str, Any]) -> Findings:
        """Compares one agency's rows."""
        ((checked, different, shown),) = database.query(
            f"""
            SELECT count(), countIf(bad),
                groupArrayIf({SHOWN})((toString(k), toString(e), toString(f)), bad)
            FROM ({self.sql})
            """,
            parameters,
        )
        differences = [
            {
                "table": self.table,
                "agency": parameters["agency"],
                "key": key,
                "expected": expected,
                "found": found,
            }
            for key, expected, found in shown
        ]
        return Findings(checked, different, differences, frozenset({self.table} if different else ()))


def two_sources(table: str, expected: str, found: str) -> Comparison:
    """Compares two SELECTs of (k, v), each key at most once; a key that only one of them has differs."""
    return Comparison(
        table,
        f"""
        SELECT k, anyIf(v, side = 1) AS e, anyIf(v, side = 2) AS f,
            countIf(side = 1) != 1 OR countIf(side = 2) != 1 OR e != f AS bad
        FROM (SELECT 1 AS side, k, v FROM ({expected}) UNION ALL SELECT 2 AS side, k, v FROM ({found}))
        GROUP BY k
        """,
    )


def at_least(table: str, expected: str, found: str) -> Comparison:
    """Compares as `two_sources` where some of what is expected may be gone.

    v is (time, id, value): what is found must be there and be written by no earlier writer than expected.
    """
    return Comparison(
        table,
        f"""
        SELECT k, anyIf(v, side = 1) AS e, anyIf(v, side = 2) AS f,
            countIf(side = 1) > 0 AND (countIf(side = 2) != 1
                OR (f.1, f.2) < (e.1, e.2) OR ((f.1, f.2) = (e.1, e.2) AND e != f)) AS bad
        FROM (SELECT 1 AS side, k, v FROM ({expected}) UNION ALL SELECT 2 AS side, k, v FROM ({found}))
        GROUP BY k
        """,
    )


def two_columns(table: str, key: str, expected: str, found: str, rows: str) -> Comparison:
    """Compares two tuples of SQL expressions over the same rows."""
    return Comparison(table, f"SELECT {key} AS k, {expected} AS e, {found} AS f, e != f AS bad FROM ({rows})")
