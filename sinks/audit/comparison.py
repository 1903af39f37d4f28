"""Comparing what is stored with what follows from something else, inside the engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sinks.clickhouse.database import Database

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
    """A table to compare, with a SELECT of many agencies' rows.

    Its columns: agency, k (key), e (expected value), f (found value), bad (they differ).
    """

    table: str
    sql: str

    def run(self, database: Database, parameters: Mapping[str, Any]) -> dict[str, Findings]:
        """Compares the rows of the agencies that the parameters name; findings by agency that has any."""
        found = database.query(
            f"""
            SELECT agency, count(), countIf(bad),
                arrayMap(d -> (toString(d.1), toString(d.2), toString(d.3)),
                    groupArrayIf({SHOWN})((k, e, f), bad))
            FROM ({self.sql})
            GROUP BY agency
            """,
            parameters,
        )
        return {agency: self._findings(agency, *counts) for agency, *counts in found}

    def _findings(self, agency: str, checked: int, different: int, shown: list[tuple[str, ...]]) -> Findings:
        names = ("key", "expected", "found")
        differences = [
            {"table": self.table, "agency": agency, **dict(zip(names, texts, strict=True))} for texts in shown
        ]
        return Findings(checked, different, differences, frozenset({self.table} if different else ()))


def two_sources(table: str, expected: str, found: str) -> Comparison:
    """Compares two SELECTs of (agency, k, v), each key at most once.

    A key that only one of them has differs.
    """
    return Comparison(table, _sides(expected, found, "anyIf", "n != 1 OR m != 1 OR e != f"))


def latest(table: str, expected: str, found: str) -> Comparison:
    """Compares writings: v is the text `time, id, value` with tabs between, which sorts as writers do.

    What is expected of a key is the greatest of any number of them.
    """
    return Comparison(table, _sides(expected, found, "maxIf", "n = 0 OR m != 1 OR e != f"))


def at_least(table: str, expected: str, found: str) -> Comparison:
    """Compares as `latest` where some of what is expected may be gone.

    What is found must be there, once, and be written by no earlier writer than expected.
    """
    same_writer = " = ".join(f"arraySlice(splitByChar('\\t', {side}), 1, 2)" for side in "ef")
    bad = f"m > 1 OR (n > 0 AND (m = 0 OR f < e OR (f != e AND {same_writer})))"
    return Comparison(table, _sides(expected, found, "maxIf", bad))


def _sides(expected: str, found: str, choice: str, bad: str) -> str:
    """Both SELECTs side by side; `bad` may use the number of rows on either side: n expected, m found."""
    return f"""
        SELECT agency, k, {choice}(v, side = 1) AS e, {choice}(v, side = 2) AS f,
            countIf(side = 1) AS n, countIf(side = 2) AS m, {bad} AS bad
        FROM (
            SELECT 1 AS side, toString(agency) AS agency, k, v FROM ({expected})
            UNION ALL
            SELECT 2 AS side, toString(agency) AS agency, k, v FROM ({found})
        )
        GROUP BY agency, k
    """


def two_columns(table: str, key: str, expected: str, found: str, rows: str) -> Comparison:
    """Compares two tuples of SQL expressions over the same rows, which have the column agency."""
    return Comparison(
        table, f"SELECT agency, {key} AS k, {expected} AS e, {found} AS f, e != f AS bad FROM ({rows})"
    )
