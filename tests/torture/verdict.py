"""The independent count over what is in the topic, agency by agency, against every table."""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, NamedTuple

from emc.instants import today
from sinks.database import Database
from tests.faults.journey import AGENCIES
from tests.histories.comparing import TABLES, by_field, day, different, stored
from tests.histories.topic import read
from tests.oracle import Oracle, Record, partition_of

Part = tuple[bytes | None, list[Record]]
CODES = {row["code"] for row in AGENCIES}


class Verdict(NamedTuple):
    """How many accepted events were counted, how many rows compared, and what was different.

    `refused`: what the oracle refuses, each at its place, with the partition numbers of its key.
    """

    events: int
    rows: int
    differences: list[Any]
    refused: Sequence["Refusal"] = ()


class Refusal(NamedTuple):
    """An event that must be refused; `is_settled`: it lay in the right partition all the time."""

    partition: int
    offset: int
    identity: tuple[str, str]  # agency and id, as the table has them
    faults: frozenset[Any]
    is_settled: bool


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
        return {tuple(place): by_field(text) for *place, text in rows}

    def close(self) -> None:
        self._database.close()


def judge(url: str, bootstrap: str, topic: str, first: int, partitions: int) -> Verdict:
    """Compares everything; the topic began with `first` partitions. Two processes side by side."""
    parts: dict[bytes | None, list[Record]] = defaultdict(list)
    for record in read(bootstrap, topic, partitions):
        parts[record.key].append(record)
    numbers = range(first, partitions + 1)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        found = list(
            pool.map(judge_agency, *zip(*((url, numbers, part) for part in parts.items()), strict=True))
        )
    refused = [each for verdict in found for each in verdict.refused]
    with Database(url) as database:
        wrong = of_rejections(database, refused)
    differences = [each for verdict in found for each in verdict.differences] + wrong
    rows = sum(verdict.rows for verdict in found) + len(refused)
    return Verdict(sum(verdict.events for verdict in found), rows, differences)


def judge_agency(url: str, numbers: range, part: Part) -> Verdict:
    """Compares one agency. Messages that were sent on are in the topic twice, which changes no state."""
    key, records = part
    oracle = Oracle(AGENCIES)
    for record in records:
        oracle.feed(record)
    homes = {partition_of(key, number) for number in numbers} if key else set()
    refused = [
        Refusal(
            *(each.partition, each.offset, (each.agency or "", each.id or ""), each.faults),
            is_settled=homes <= {each.partition} or (key or b"").decode("latin-1") not in CODES,
        )
        for each in oracle.rejections
    ]
    agency = (key or b"").decode("latin-1")
    if agency not in oracle.as_of:
        return Verdict(oracle.accepted, 0, [], refused)
    tables = Tables(url, agency)
    try:
        rows, differences = compare(tables, oracle, agency)
    finally:
        tables.close()
    return Verdict(oracle.accepted, rows, differences, refused)


def compare(tables: Tables, oracle: Oracle, agency: str) -> tuple[int, list[Any]]:
    """How many rows one agency has, and which are different: cells, rates and registers."""
    calculation = oracle.calculation(agency, today())
    kinds: dict[str, tuple[dict[Any, Any], dict[Any, Any]]] = {
        "tallies": (tables.tallies(), dict(calculation.tallies())),
        "rates": (tables.rates(), {place: tuple(rate) for place, rate in calculation.rates().items()}),
    }
    for kind in TABLES:
        expected = {
            subject: {name: stored(name, register) for name, register in registers.items()}
            for subject, registers in oracle.registers(agency, kind).items()
        }
        kinds[kind] = (tables.registers(kind), expected)
    differences = [
        (agency, name, *each)
        for name, (found, expected) in kinds.items()
        for each in different(found, expected)[:20]
    ]
    return sum(len(expected) for _, expected in kinds.values()), differences


def of_rejections(database: Database, refused: list[Refusal]) -> list[Any]:
    """Every refused event is there, for a right reason and where it was; nothing else is there.

    Of the places of one that was sent on, one is enough: who owned its partition when decides which.
    """
    faults: dict[Any, set[Any]] = defaultdict(set)
    for each in refused:
        faults[each.partition, each.offset].update(each.faults)
    sql = "SELECT partition, offset, reason, path, agency, id FROM rejections FINAL"
    rows = database.query(sql)
    wrong: list[Any] = [
        ("rejection", row, "not the oracle's")
        for row in rows
        if (row[2], row[3]) not in faults[row[0], row[1]]
    ]
    places, identities = {row[:2] for row in rows}, {row[4:] for row in rows}
    wrong += [
        ("rejection", each, "missing")
        for each in refused
        if each.identity not in identities
        or (each.is_settled and (each.partition, each.offset) not in places)
    ]
    return wrong
