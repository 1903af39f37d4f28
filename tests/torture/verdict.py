"""The independent count over what is in the topic, agency by agency, against every table."""

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from typing import Any, NamedTuple

from sinks.clickhouse.database import Database
from tests.faults.journey import AGENCIES
from tests.histories.comparing import TABLES, by_field, day, different, stored
from tests.histories.delegates import DELEGATIONS
from tests.oracle import Oracle, Record, partition_of
from tests.oracle.oracle import today_at
from tests.torture.arena import Topic

Part = list[tuple[range, list[Record]]]
"""One key's records, topic by topic, each with the numbers of partitions that it had."""
COUNTED = ("events of delegates", "rows of other settlers", "refused events")
CODES = {row["code"] for row in AGENCIES}


class Verdict(NamedTuple):
    """How many accepted events were counted, how many rows compared, and what was different.

    `refused`: what the oracle refuses, each at its place, with the partition numbers of its key;
    `counted`: of each kind that must be among what is compared.
    """

    events: int
    rows: int
    differences: list[Any]
    refused: Sequence["Refusal"]
    counted: Mapping[str, int]


class Refusal(NamedTuple):
    """An event that must be refused; `is_settled`: it lay in the right partition all the time."""

    partition: int
    offset: int
    arrived_ms: int  # offsets begin again with a topic, moments do not
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

    def settled(self) -> dict[Any, Any]:
        columns = "settler, metric, definition, period, start, numerator, denominator"
        rows = self._rows(columns, "settled", "AND NOT is_deleted")
        return {(*row[:4], day(row[4])): tuple(row[5:]) for row in rows}

    def registers(self, kind: str) -> dict[Any, Any]:
        table, subject = TABLES[kind]
        rows = self._rows(f"{subject}, registers", table)
        return {tuple(place): by_field(text) for *place, text in rows}

    def close(self) -> None:
        self._database.close()


def judge(url: str, topics: Sequence[Topic]) -> Verdict:
    """Compares everything that the topics held, one after the other. Two processes side by side."""
    parts: dict[bytes | None, Part] = defaultdict(list)
    for topic in topics:
        numbers = range(topic.first, topic.last + 1)
        found: dict[bytes | None, list[Record]] = defaultdict(list)
        for record in topic.records():
            found[record.key].append(record)
        for key, records in found.items():
            parts[key].append((numbers, records))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        verdicts = list(pool.map(judge_agency, repeat(url), parts.keys(), parts.values()))
    refused = [each for verdict in verdicts for each in verdict.refused]
    with Database(url) as database:
        wrong = of_rejections(database, refused)
    differences = [each for verdict in verdicts for each in verdict.differences] + wrong
    rows = sum(verdict.rows for verdict in verdicts) + len(refused)
    counted = sum((Counter(verdict.counted) for verdict in verdicts), Counter({COUNTED[2]: len(refused)}))
    return Verdict(sum(verdict.events for verdict in verdicts), rows, differences, (), counted)


def judge_agency(url: str, key: bytes | None, part: Part) -> Verdict:
    """Compares one agency. Messages that were sent on are in the topic twice, which changes no state."""
    oracle, refused = Oracle(AGENCIES, delegations=DELEGATIONS), list[Refusal]()
    agency = (key or b"").decode("latin-1")
    for numbers, records in part:
        known = len(oracle.rejections)
        for record in records:
            oracle.feed(record)
        homes = {partition_of(key, number) for number in numbers} if key else set()
        refused += [
            Refusal(
                *(each.partition, each.offset, each.rejected_ms),
                *((each.agency or "", each.id or ""), each.faults),
                is_settled=homes <= {each.partition} or agency not in CODES,
            )
            for each in oracle.rejections[known:]
        ]
    if agency not in oracle.as_of:
        return Verdict(oracle.accepted, 0, [], refused, {})
    tables = Tables(url, agency)
    try:
        rows, differences = compare(tables, oracle, agency)
        counted = Counter({COUNTED[0]: oracle.delegated, COUNTED[1]: len(tables.settled())})
    finally:
        tables.close()
    return Verdict(oracle.accepted, rows, differences, refused, counted)


def compare(tables: Tables, oracle: Oracle, agency: str) -> tuple[int, list[Any]]:
    """How many rows one agency has, and which are different: cells, rates and registers."""
    today = today_at(time.time_ns() // 1000)
    calculation = oracle.calculation(agency, today)
    settled = {
        (settler, *place): (rate.numerator, rate.denominator)
        for settler, part in oracle.settled_parts(agency, today).items()
        if settler != agency
        for place, rate in part.items()
    }
    kinds: dict[str, tuple[dict[Any, Any], dict[Any, Any]]] = {
        "tallies": (tables.tallies(), dict(calculation.tallies())),
        "settled": (tables.settled(), settled),
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
        faults[each[:3]].update(each.faults)
    arrived = "toUnixTimestamp64Milli(rejected_at)"
    sql = f"SELECT partition, offset, {arrived}, reason, path, agency, id FROM rejections FINAL"
    rows = database.query(sql)
    wrong: list[Any] = [
        ("rejection", row, "not the oracle's") for row in rows if row[3:5] not in faults[row[:3]]
    ]
    places, identities = {row[:3] for row in rows}, {row[5:] for row in rows}
    wrong += [
        ("rejection", each, "missing")
        for each in refused
        if each.identity not in identities or (each.is_settled and each[:3] not in places)
    ]
    return wrong
