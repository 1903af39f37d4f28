"""The independent count over what is in the topic, agency by agency, against every table."""

import json
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, NamedTuple

from emc.instants import today
from sinks.database import Database
from tests.faults.journey import AGENCIES
from tests.histories.comparing import TABLES, as_tuples, day, different, stored
from tests.histories.topic import read
from tests.oracle import Oracle, Record

Part = tuple[str, list[Record]]


class Verdict(NamedTuple):
    """How many accepted events were counted, how many rows compared, and what was different."""

    events: int
    rows: int
    differences: list[Any]


class Tables:
    """Rows of one agency, as the comparison wants them."""

    def __init__(self, url: str, agency: str) -> None:
        self._database, self._agency = Database(url), agency

    def _rows(self, columns: str, table: str, more: str = "") -> list[tuple[Any, ...]]:
        sql = f"SELECT {columns} FROM {table} FINAL WHERE agency = {{agency:String}} {more}"
        return self._database.query(sql, {"agency": self._agency})

    def tallies(self) -> dict[Any, Any]:
        columns = "procedure, toString(attribution), day, signature, dossiers"
        rows = self._rows(columns, "tallies", "AND NOT is_deleted AND dossiers != 0")
        return {(procedure, kind, day(on), bits): count for procedure, kind, on, bits, count in rows}

    def rates(self) -> dict[Any, Any]:
        columns = "metric, definition, period, start, numerator, denominator, counted, declared"
        rows = self._rows(columns, "rates", "AND NOT is_deleted")
        return {(*row[:3], day(row[3])): tuple(row[4:]) for row in rows}

    def registers(self, kind: str) -> dict[Any, Any]:
        table, subject = TABLES[kind]
        rows = self._rows(f"{subject}, registers", table)
        return {tuple(place): as_tuples(json.loads(text)) for *place, text in rows}

    def rejections(self) -> list[tuple[Any, ...]]:
        """Distinct ones: what was sent on to another partition may have been refused on its way too."""
        columns = "partition, offset, `index`, reason, path, id"
        return self._rows(columns, "rejections")

    def close(self) -> None:
        self._database.close()


def judge(url: str, bootstrap: str, topic: str, partitions: int) -> Verdict:
    """Compares everything. The records of one agency at a time, two processes side by side."""
    parts: dict[str, list[Record]] = defaultdict(list)
    for record in read(bootstrap, topic, partitions):
        parts[(record.key or b"").decode("latin-1")].append(record)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(judge_agency, [url] * len(parts), parts.items()))
    events = sum(verdict.events for verdict in found)
    return Verdict(events, sum(v.rows for v in found), [each for v in found for each in v.differences])


def judge_agency(url: str, part: Part) -> Verdict:
    """Compares one agency. Messages that were sent on are in the topic twice, which changes no state."""
    agency, records = part
    oracle = Oracle(AGENCIES)
    for record in records:
        oracle.feed(record)
    tables = Tables(url, agency)
    try:
        differences = [(agency, *each) for each in of_rejections(tables, oracle)]
        rows = len(oracle.rejections)
        if agency in oracle.as_of:
            calculation = oracle.calculation(agency, today())
            kinds: dict[str, tuple[dict[Any, Any], dict[Any, Any]]] = {
                "tallies": (tables.tallies(), dict(calculation.tallies())),
                "rates": (
                    tables.rates(),
                    {place: tuple(rate) for place, rate in calculation.rates().items()},
                ),
            }
            for kind in TABLES:
                expected = {
                    subject: {name: stored(name, register) for name, register in registers.items()}
                    for subject, registers in oracle.registers(agency, kind).items()
                }
                kinds[kind] = (tables.registers(kind), expected)
            for name, (found, expected) in kinds.items():
                rows += len(expected)
                differences += [(agency, name, *each) for each in different(found, expected)][:20]
    finally:
        tables.close()
    return Verdict(oracle.accepted, rows, differences)


def of_rejections(tables: Tables, oracle: Oracle) -> list[Any]:
    """Every refused event is there for a right reason, at a place where it was, and nothing else.

    Of the places of one that was sent on, one is enough: who owned its partition when decides which.
    """
    possible = {(each.partition, each.offset): each for each in oracle.rejections}
    faults: dict[Any, Any] = defaultdict(set)
    for each in oracle.rejections:
        faults[each.partition, each.offset].update(each.faults)
    found = tables.rejections()
    wrong: list[Any] = [
        ("rejection", row, "not one of the oracle's")
        for row in found
        if (row[0], row[1]) not in possible or (row[3], row[4]) not in faults[row[0], row[1]]
    ]
    told = {row[5] for row in found}
    agencies = {each.agency for each in oracle.rejections}
    if len(agencies) == 1:
        missing = {each.id or "" for each in oracle.rejections} - told
        wrong += [("rejection", None, "missing")] * len(missing)
    return wrong
