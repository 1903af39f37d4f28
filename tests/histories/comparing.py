"""What the tables hold against what the oracle says: each function gives the differences, none when right."""

import json
import time
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from typing import Any

from emc.registry import load_registry
from sinks.clickhouse.database import Database
from sinks.queries.change_query import BY, ChangeQuery
from sinks.queries.rate_query import COUNTED_FOR, STRUCTURES, RateQuery
from sinks.queries.reader import Reader
from tests.oracle import Oracle
from tests.oracle.fields import INSTANTS
from tests.oracle.forms import EPOCH, micros
from tests.oracle.periods import PERIODS, WINDOWS

Found = dict[Any, Any]
YEARS = ("2024-01-01", "2025-01-01")
TABLES = {
    "dossier": ("dossiers", "dossier, ''"),
    "procedure": ("procedures", "procedure, toString(valid_from)"),
    "declaration": ("declarations", "toString(day), ''"),
}


def different(found: Found, expected: Found) -> list[tuple[Any, Any, Any]]:
    """(key, found, expected) wherever the two do not agree; None: not there."""
    keys = sorted(found.keys() | expected.keys(), key=repr)
    return [(key, found.get(key), expected.get(key)) for key in keys if found.get(key) != expected.get(key)]


def of_rates(database: Database, oracle: Oracle, today: date) -> list[Any]:
    """Every row of `rates`."""
    sql = """SELECT agency, metric, definition, period, start, numerator, denominator, counted, declared
        FROM rates FINAL WHERE NOT is_deleted"""
    found = {(*row[:4], day(row[4])): row[5:] for row in database.query(sql)}
    expected = {
        (agency, *place): tuple(rate)
        for agency in oracle.as_of
        for place, rate in oracle.calculation(agency, today).rates().items()
    }
    return different(found, expected)


def of_tallies(database: Database, oracle: Oracle) -> list[Any]:
    """Every cell."""
    sql = """SELECT agency, procedure, toString(attribution), day, signature, dossiers
        FROM tallies FINAL WHERE NOT is_deleted AND dossiers != 0"""
    found = {(*row[:3], day(row[3]), row[4]): row[5] for row in database.query(sql)}
    expected = {
        (agency, *cell): count for agency in oracle.as_of for cell, count in oracle.tallies(agency).items()
    }
    return different(found, expected)


def of_registers(database: Database, oracle: Oracle) -> list[Any]:
    """Every register of every dossier, procedure entry and declaration, cleared ones included."""
    differences = []
    for kind, (table, subject) in TABLES.items():
        rows = database.query(f"SELECT agency, {subject}, registers FROM {table} FINAL")
        found = {tuple(place): by_field(registers) for *place, registers in rows}
        expected = {
            (agency, *place): {name: stored(name, register) for name, register in registers.items()}
            for agency in oracle.as_of
            for place, registers in oracle.registers(agency, kind).items()
        }
        differences += different(found, expected)
    return differences


def by_field(registers: str) -> Found:
    """Time, id and value of each register, out of the text in the tables."""
    return {
        name: (time, identity, value)
        for time, identity, fields in json.loads(registers)
        for name, value in fields.items()
    }


def stored(name: str, register: tuple[int, str, Any]) -> tuple[int, str, Any]:
    """The oracle's register as the tables hold it: instants as microseconds."""
    time, identity, value = register
    return time, identity, micros(value) if name in INSTANTS and value is not None else value


def of_rejections(database: Database, oracle: Oracle) -> list[Any]:
    """Every rejection at its place in the log, with one of the reasons and paths that are right."""
    sql = "SELECT partition, offset, `index`, reason, path, agency, id, rejected_at FROM rejections FINAL"
    rows = database.query(sql)
    found = {
        place_of(partition, offset, index, rest[0]): tuple(rest) for partition, offset, index, *rest in rows
    }
    places = {
        place_of(each.partition, each.offset, each.place, each.reason): each for each in oracle.rejections
    }
    differences: list[Any] = []
    for place in found.keys() | places.keys():
        if place not in found or place not in places:
            differences.append((place, found.get(place), places.get(place)))
            continue
        expected, (reason, path, *rest) = places[place], found[place]
        who = [expected.agency or "", expected.id or "", expected.rejected_ms]
        if (reason, path) not in expected.faults or rest != who:
            differences.append((place, found[place], expected))
    return differences


def place_of(partition: int, offset: int, index: int, reason: str) -> tuple[int, int, int]:
    """Whether a value that is no JSON is one event (0) or a whole message (−1) is a matter of taste."""
    return partition, offset, -1 if reason == "malformed" and index == 0 else index


def of_conflicts(database: Database, oracle: Oracle) -> list[Any]:
    """Ties that decide a final value must be there; others may, seen or not by the order of arrival."""
    sql = "SELECT agency, type, splitByChar('@', subject)[1], field, time, id FROM conflicts FINAL"
    found = set(database.query(sql))
    certain = {tuple(each[:6]) for each in oracle.conflicts() if each.winning}
    possible = {tuple(each[:6]) for each in oracle.conflicts()}
    return sorted(certain - found) + sorted(found - possible)


def of_events(database: Database, oracle: Oracle) -> list[Any]:
    """Accepted events by agency, and the greatest time of each agency."""
    counted: Found = dict(database.query("SELECT agency, count() FROM events FINAL GROUP BY agency"))
    times: Found = dict(database.query("SELECT agency, as_of FROM commits FINAL WHERE as_of > 0"))
    return different(counted, dict(oracle.stored)) + different(times, oracle.as_of)


def of_sources(database: Database, oracle: Oracle) -> list[Any]:
    """When each source was last heard: the greatest time of its events, and its last arrival."""
    sql = "SELECT agency, source, last_time, last_arrival FROM sources FINAL"
    found = {(agency, source): tuple(rest) for agency, source, *rest in database.query(sql)}
    return different(found, oracle.last_seen)


def of_warnings(database: Database, oracle: Oracle) -> list[Any]:
    """Warnings of the present state; those of the future may end while we look, so two moments bound them."""
    before = time.time_ns() // 1000
    rows = database.query("SELECT agency, dossier, warning FROM warnings WHERE warning != 'conflict'")
    found, after = set(rows), time.time_ns() // 1000
    must, may = (
        {(agency, *each) for agency in oracle.as_of for each in oracle.warnings(agency, now)}
        for now in (after, before)
    )
    return sorted(must - found) + sorted(found - may) + ([] if len(found) == len(rows) else ["repeated"])


def of_settled(database: Database, oracle: Oracle, today: date) -> list[Any]:
    """Every row of `settled`: what another agency settles."""
    sql = """SELECT agency, settler, metric, definition, period, start, numerator, denominator
        FROM settled FINAL WHERE NOT is_deleted"""
    found = {(*row[:5], day(row[5])): row[6:] for row in database.query(sql)}
    expected = {
        (agency, settler, *place): (rate.numerator, rate.denominator)
        for agency in oracle.as_of
        for settler, part in oracle.settled_parts(agency, today).items()
        if settler != agency
        for place, rate in part.items()
    }
    return different(found, expected)


def of_answers(
    database: Database, oracle: Oracle, today: date, structure: str, counted_for: str = "code"
) -> list[Any]:
    """Every rate in the form in which it is given out, groups included."""
    reader = Reader(database, load_registry())
    all_days = RateQuery(from_="1970-01-01", to="2148-12-31", structure=structure, counted_for=counted_for)
    rows = [row for period in PERIODS for row in reader.rates(replace(all_days, period=period))]
    found = {rate_key(row): row for row in rows}
    expected = oracle.rates(today, structure, counted_for)
    return different(found, {rate_key(row): row for row in expected})


def of_windows(database: Database, oracle: Oracle, today: date) -> list[Any]:
    """Windows that begin on days of every kind, by code and by settler, under either structure."""
    reader, differences = Reader(database, load_registry()), list[Any]()
    days = (date(2024, 2, 25), date(2024, 3, 5), date(2025, 6, 28), today - timedelta(days=7), today)
    for structure, counted_for in product(STRUCTURES, COUNTED_FOR):
        for period, first in product(WINDOWS, days):
            asked = RateQuery(
                period=period, start=first.isoformat(), structure=structure, counted_for=counted_for
            )
            found = {rate_key(row): row for row in reader.rates(asked)}
            rows = oracle.rates(today, structure, counted_for, (period, first))
            differences += different(found, {rate_key(row): row for row in rows})
    return differences


def of_changes(database: Database, oracle: Oracle, today: date) -> list[Any]:
    """The change from one year to the next, split by every part: it adds up to the rates of both, exactly."""
    reader, differences = Reader(database, load_registry()), list[Any]()
    for counted_for in COUNTED_FOR:
        rates = {rate_key(row): row for row in oracle.rates(today, "reported", counted_for)}
        for agency, metric, by in product(sorted(oracle.as_of)[:4], ("data_reuse", "on_time"), BY):
            asked = ChangeQuery(metric, agency, *YEARS, "year", by=by, counted_for=counted_for)
            found = reader.why(asked)
            keys = [(agency, None, metric, found["definition"], "year", start) for start in YEARS]
            counts = [_counts(rates.get(key)) for key in keys]
            told = [(found[end]["numerator"], found[end]["denominator"]) for end in ("from", "to")]
            parts = sum(Fraction(each["exact"]) for each in found["contributions"])
            whole = Fraction(*counts[1]) - Fraction(*counts[0]) if counts[0][1] and counts[1][1] else 0
            if (told, parts) != (counts, whole):
                differences.append((asked, (told, parts), (counts, whole)))
    return differences


def _counts(rate: dict[str, Any] | None) -> tuple[int, int]:
    return (0, 0) if rate is None else (rate["numerator"], rate["denominator"])


def rate_key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in ("agency", "group", "metric", "definition", "period", "start"))


def day(number: int) -> date:
    """A Date as it is stored: days since 1970."""
    return date.fromordinal(EPOCH + number)


def of_tables(database: Database, oracle: Oracle, today: date) -> dict[str, list[Any]]:
    """The first differences of every table, and of the rates given out; empty when the product is right."""
    return _first({
        "registers": of_registers(database, oracle),
        "tallies": of_tallies(database, oracle),
        "rates": of_rates(database, oracle, today),
        "rejections": of_rejections(database, oracle),
        "conflicts": of_conflicts(database, oracle),
        "events": of_events(database, oracle),
        "sources": of_sources(database, oracle),
        "warnings": of_warnings(database, oracle),
        "reported": of_answers(database, oracle, today, "reported"),
        "current": of_answers(database, oracle, today, "current"),
        "settled": of_settled(database, oracle, today),
        "settled, reported": of_answers(database, oracle, today, "reported", "settled"),
        "settled, current": of_answers(database, oracle, today, "current", "settled"),
    })  # fmt: skip


def everything(database: Database, oracle: Oracle, today: date) -> dict[str, list[Any]]:
    """As `of_tables`, and what is calculated from the cells whenever it is asked for: hundreds of queries."""
    return of_tables(database, oracle, today) | _first({
        "windows": of_windows(database, oracle, today),
        "changes": of_changes(database, oracle, today),
    })  # fmt: skip


def _first(found: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {name: differences[:5] for name, differences in found.items() if differences}
