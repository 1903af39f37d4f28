"""Old history is thinned to the last change of every hour, then of every day; what was shown then stays."""

from typing import Any

from emc.instants import parse_instant
from sinks.clickhouse.database import Database
from sinks.maintenance.thinning import thin
from sinks.queries.history import shown_freshness, shown_rates
from tests.sinks.history import insert_rows

NOW = parse_instant("2026-06-30T10:00:00+07:00") // 1000
HOUR, DAY = 3_600_000, 86_400_000
MINUTES = (0, 20, 50, 70, 100, 600)
"""When the rate changed, in minutes after 05:10: twice in one hour, three times in the next, once later."""


def changes(day: str) -> list[dict[str, Any]]:
    begin = parse_instant(f"{day}T05:10:00+07:00") // 1000
    return [change(begin + minutes * 60_000, number) for number, minutes in enumerate(MINUTES, 1)]


def change(shown_at: int, number: int) -> dict[str, Any]:
    return {
        "agency": "H25",
        "metric": "data_reuse",
        "definition": "received",
        "period": "month",
        "start": 20_000,
        "shown_at": shown_at,
        "numerator": number,
        "denominator": 10,
        "counted": 0,
        "declared": 0,
        "is_deleted": 0,
        "version": number,
    }


def store(database: Database, *days: str) -> list[dict[str, Any]]:
    rows = [row for day in days for row in changes(day)]
    insert_rows(database, "rate_history", rows)
    times = [{name: row[name] for name in ("agency", "shown_at", "version")} for row in rows]
    insert_rows(database, "freshness", [{**row, "as_of": row["shown_at"] * 1000} for row in times])
    return rows


def left(database: Database) -> list[int]:
    kept = database.query("SELECT shown_at FROM rate_history FINAL ORDER BY shown_at")
    fresh = database.query("SELECT shown_at FROM freshness FINAL ORDER BY shown_at")
    assert kept == fresh
    return [moment for (moment,) in kept]


def shown(database: Database, moment: int) -> int | None:
    rows = shown_rates(database, {"period": "month", "first": 0, "last": 65_000}, moment * 1000)
    return rows[0][4] if rows else None


def test_the_last_change_of_every_hour_stays_after_a_week(either: Database) -> None:
    store(either, "2026-06-23", "2026-06-22")
    before = [row["shown_at"] for row in changes("2026-06-22")]
    assert thin(either, NOW) == 2 * 3
    assert left(either) == [before[1], before[4], before[5], *(r["shown_at"] for r in changes("2026-06-23"))]


def test_the_last_change_of_every_day_stays_after_ninety_days(database: Database) -> None:
    store(database, "2026-04-01", "2026-03-31", "2026-03-30")
    thin(database, NOW)
    hourly = [changes("2026-04-01")[n]["shown_at"] for n in (1, 4, 5)]
    assert left(database) == [*(changes(day)[5]["shown_at"] for day in ("2026-03-30", "2026-03-31")), *hourly]


def test_what_was_shown_at_the_end_of_an_hour_stays_answerable(database: Database) -> None:
    rows = store(database, "2026-06-20")
    ends = [rows[0]["shown_at"] // HOUR * HOUR + hours * HOUR - 1 for hours in range(1, 30)]
    before = [(shown(database, end), shown_freshness(database, end * 1000)) for end in ends]
    assert len(set(map(str, before))) == 3
    assert thin(database, NOW) > 0
    assert [(shown(database, end), shown_freshness(database, end * 1000)) for end in ends] == before


def test_thinning_again_changes_nothing_and_later_days_follow(database: Database) -> None:
    store(database, "2026-06-20", "2026-06-24")
    assert thin(database, NOW) > 0
    kept = left(database)
    assert thin(database, NOW) == 0
    database.command("TRUNCATE TABLE upkeep")
    assert thin(database, NOW) == 0
    assert left(database) == kept
    assert thin(database, NOW + 2 * DAY) > 0
    assert left(database)[:3] == kept[:3]


def test_a_change_that_is_not_yet_merged_with_its_repetition_goes_or_stays_whole(database: Database) -> None:
    store(database, "2026-06-20")
    store(database, "2026-06-20")
    thin(database, NOW)
    assert len(left(database)) == 3
