"""For tests of the exporter: rows put into the tables, samples taken out of a collector."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from prometheus_client.registry import Collector

from emc.instants import HANOI, day_number
from sinks.clickhouse.database import Database

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]
_COLUMNS = (
    "agency", "metric", "definition", "period", "start", "numerator", "denominator", "counted", "declared",
)  # fmt: skip
Row = tuple[str, str, str, str, date, int, int, int, int]


def put_rates(database: Database, rows: Iterable[Row], version: int = 1, deleted: bool = False) -> None:
    """Stores rows of `rates`."""
    listed = [(*row[:4], day_number(row[4]), *row[5:]) for row in rows]
    columns: dict[str, list[Any]] = {name: [row[n] for row in listed] for n, name in enumerate(_COLUMNS)}
    constant: dict[str, list[Any]] = {
        "version": [version] * len(listed),
        "is_deleted": [int(deleted)] * len(listed),
    }
    database.insert("rates", columns | constant)


def put_sources(database: Database, seen: dict[tuple[str, str], float]) -> None:
    """Stores sources by (agency, source), last heard at these seconds since 1970."""
    milliseconds = [int(at * 1000) for at in seen.values()]
    columns: dict[str, list[Any]] = {
        "agency": [agency for agency, _ in seen],
        "source": [source for _, source in seen],
        "last_time": [at * 1000 for at in milliseconds],
        "last_arrival": milliseconds,
        "version": [1] * len(seen),
    }
    database.insert("sources", columns)


def put_rejections(database: Database, refused: Iterable[tuple[str, str]], version: int = 1) -> None:
    """Stores refused events as (agency, reason), each at a place of its own."""
    listed = list(refused)
    count = len(listed)
    constant = {"path": "$", "detail": "", "id": "", "topic": "t", "partition": 0, "index": 0}
    columns: dict[str, list[Any]] = {name: [value] * count for name, value in constant.items()}
    columns |= {"agency": [agency for agency, _ in listed], "reason": [reason for _, reason in listed]}
    columns |= {"offset": list(range(count)), "rejected_at": [1_700_000_000_000] * count}
    database.insert("rejections", columns | {"version": [version] * count})


def samples(collector: Collector) -> Samples:
    """Every sample of one scrape; one that comes twice fails."""
    found: Samples = {}
    for family in collector.collect():
        for sample in family.samples:
            key = sample.name, frozenset(sample.labels.items())
            assert key not in found, key
            found[key] = sample.value
    return found


def value(found: Samples, name: str, **labels: str) -> float | None:
    """The value of the one sample with this name and (at least) these labels; None when there is none."""
    wanted = set(labels.items())
    values = [number for (each, given), number in found.items() if each == name and wanted <= given]
    assert len(values) <= 1, (name, labels, values)
    return values[0] if values else None


def at(text: str) -> float:
    """Seconds since 1970 of a time in Asia/Ho_Chi_Minh, `2026-03-10 10:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=HANOI).timestamp()
