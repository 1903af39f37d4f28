"""Writes a history of events into the tables the way the stream does, with the domain's own Python."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from emc import sums
from emc.catalogue import Catalogue, entry_facts, entry_values
from emc.dossier import cells, signature
from emc.identifiers import dossier_month
from emc.instants import date_of_day, day_number, parse_instant
from emc.periods import PERIODS, last_day, start_of
from emc.registers import Registers, encode, fold, values
from sinks.clickhouse.database import Database

TODAY = date(2024, 4, 20)
ARRIVED = parse_instant("2024-04-20T08:00:00+07:00") // 1000
VERSION = 1 << 100


class Said(NamedTuple):
    """An accepted event of one agency."""

    kind: str
    subject: str
    time: int
    id: str
    fields: dict[str, Any]
    valid_from: str = ""


def write_history(
    database: Database, agency: str, events: Sequence[Said], today: date = TODAY, version: int = VERSION
) -> None:
    """Stores the events and everything that follows from them, as one complete write of the agency."""
    _events(database, agency, events, version)
    states: dict[tuple[str, str, str], Registers] = {}
    for event in events:
        fold(states.setdefault((event.kind, event.subject, event.valid_from), []), *event[2:5])
    dossiers = {key[1]: registers for key, registers in states.items() if key[0] == "dossier"}
    entries = {(key[1], key[2]): registers for key, registers in states.items() if key[0] == "procedure"}
    declared = {key[1]: registers for key, registers in states.items() if key[0] == "declaration"}
    _dossiers(database, agency, dossiers, version)
    _procedures(database, agency, entries, version)
    _declarations(database, agency, declared, version)
    tallies = Counter(
        cell for held in map(values, dossiers.values()) for cell in cells(held, signature(held))
    )
    _tallies(database, agency, tallies, version)
    rates = list(_rates(tallies, entries, declared, today))
    _rates_rows(database, agency, rates, version)
    commit(database, agency, version, today, max((event.time for event in events), default=0))


def insert_rows(database: Database, table: str, rows: Iterable[dict[str, Any]]) -> None:
    """Inserts rows given as dicts with the same keys."""
    listed = list(rows)
    if listed:
        database.insert(table, {name: [row[name] for row in listed] for name in listed[0]})


def commit(database: Database, agency: str, version: int, today: date, as_of: int) -> None:
    """The row that ends a write."""
    row = {
        "agency": agency,
        "version": version,
        "topic_id": "t",
        "partition": 0,
        "next_offset": 1,
        "as_of": as_of,
        "written_at": ARRIVED,
        "today": day_number(today),
    }
    insert_rows(database, "commits", [row])


def _events(database: Database, agency: str, events: Sequence[Said], version: int) -> None:
    def data(event: Said) -> str:
        place = {"valid_from": event.valid_from} if event.valid_from not in ("", "1970-01-01") else {}
        return json.dumps(place | event.fields, ensure_ascii=False, separators=(",", ":"))

    insert_rows(
        database,
        "events",
        (
            {
                "agency": agency,
                "type": event.kind,
                "subject": event.subject,
                "time": event.time,
                "id": event.id,
                "source": f"/agencies/{agency}/onestop",
                "data": data(event),
                "arrived_at": ARRIVED,
                "topic_id": "t",
                "partition": 0,
                "offset": offset,
                "index": 0,
                "version": version,
            }
            for offset, event in enumerate(events)
        ),
    )


def _dossiers(database: Database, agency: str, states: dict[str, Registers], version: int) -> None:
    def row(code: str, registers: Registers) -> dict[str, Any]:
        held = values(registers)
        texts = {name: held.get(name) or "" for name in ("procedure", "unit", "channel")}
        instants = ("submitted_at", "received_at", "due_at", "resolved_at", "returned_at")
        flags = ("electronic_result", "result_signed", "identified", "fee_due", "paid_online", "removed")
        return {
            "agency": agency,
            "dossier": code,
            "month": dossier_month(code),
            **texts,
            "status": held.get("status") or 0,
            **{name: held.get(name) for name in instants},
            **{name: held.get(name) or False for name in flags},
            "signature": signature(held),
            "registers": encode(registers).decode(),
            "version": version,
        }

    insert_rows(database, "dossiers", (row(*state) for state in states.items()))


def _procedures(
    database: Database, agency: str, entries: dict[tuple[str, str], Registers], version: int
) -> None:
    insert_rows(
        database,
        "procedures",
        (
            {
                "agency": agency,
                "procedure": procedure,
                "valid_from": day_number(date.fromisoformat(valid_from)),
                **entry_values(registers),
                "registers": encode(registers).decode(),
                "version": version,
            }
            for (procedure, valid_from), registers in entries.items()
        ),
    )


def _declarations(database: Database, agency: str, declared: dict[str, Registers], version: int) -> None:
    insert_rows(
        database,
        "declarations",
        (
            {
                "agency": agency,
                "day": day_number(date.fromisoformat(day)),
                "received": values(registers).get("received"),
                "resolved": values(registers).get("resolved"),
                "registers": encode(registers).decode(),
                "version": version,
            }
            for day, registers in declared.items()
        ),
    )


def _tallies(database: Database, agency: str, tallies: Counter[Any], version: int) -> None:
    insert_rows(
        database,
        "tallies",
        (
            {
                "agency": agency,
                "procedure": cell.procedure,
                "attribution": {1: "receipt", 2: "resolution"}[cell.attribution],
                "day": cell.day,
                "signature": cell.signature,
                "dossiers": number,
                "version": version,
                "is_deleted": 0,
            }
            for cell, number in tallies.items()
        ),
    )


def _rates(
    tallies: Counter[Any],
    entries: dict[tuple[str, str], Registers],
    declared: dict[str, Registers],
    today: date,
) -> Iterable[tuple[str, date, sums.RateCounts]]:
    catalogue = Catalogue()
    for (procedure, valid_from), registers in entries.items():
        catalogue.set(procedure, day_number(date.fromisoformat(valid_from)), entry_facts(registers))
    by_day: dict[tuple[str, date], sums.Sums] = {}
    current = {(period, start_of(period, today)) for period in PERIODS}
    counted: Counter[tuple[int, int]] = Counter()
    for cell, number in tallies.items():
        counted[cell.attribution, cell.day] += number
        indices = sums.indices(cell.attribution, cell.signature, catalogue.on(cell.procedure, cell.day))
        for vector in _vectors(by_day, date_of_day(cell.day)):
            for place in indices:
                vector[place] += number
    for text, registers in declared.items():
        day = date.fromisoformat(text)
        for attribution, name in ((1, "received"), (2, "resolved")):
            said = values(registers).get(name)
            if said is None:
                continue
            for vector in _vectors(by_day, day):
                base = sums.BASE[attribution]
                vector[base + sums.COVERED] += counted[attribution, day_number(day)]
                vector[base + sums.DECLARED] += said
                vector[base + sums.DECLARED_DAYS] += 1
    holds = catalogue.holds_any(day_number(today))
    for period, start in sorted(set(by_day) | current):
        supply = catalogue.supply(day_number(min(last_day(period, start), today)))
        vector = by_day.get((period, start), sums.zero())
        for rate in sums.rates_of(vector, supply, holds and (period, start) in current):
            if rate.exists:
                yield period, start, rate


def _vectors(by_day: dict[tuple[str, date], sums.Sums], day: date) -> list[sums.Sums]:
    return [by_day.setdefault((period, start_of(period, day)), sums.zero()) for period in PERIODS]


def _rates_rows(
    database: Database, agency: str, rates: Iterable[tuple[str, date, sums.RateCounts]], version: int
) -> None:
    insert_rows(
        database,
        "rates",
        (
            {
                "agency": agency,
                "metric": rate.metric,
                "definition": rate.definition,
                "period": period,
                "start": day_number(start),
                "numerator": rate.numerator,
                "denominator": rate.denominator,
                "counted": rate.counted,
                "declared": rate.declared,
                "version": version,
                "is_deleted": 0,
            }
            for period, start, rate in rates
        ),
    )
