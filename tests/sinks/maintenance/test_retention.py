"""Months of events and rejections that are old enough are dropped, and the audit knows it."""

from datetime import date
from typing import Any

from emc.instants import parse_instant
from sinks.audit.audit import audit
from sinks.clickhouse.database import Database
from sinks.maintenance.retention import drop_old, dropped_until
from tests.sinks.history import Said, insert_rows, write_history

NOW = parse_instant("2026-06-30T10:00:00+07:00") // 1000


def rejection(day: str) -> dict[str, Any]:
    return {
        "agency": "H25",
        "reason": "invalid",
        "path": "$.time",
        "detail": "expected RFC 3339 with offset",
        "id": "",
        "topic": "t",
        "partition": 0,
        "offset": 1,
        "index": 0,
        "rejected_at": parse_instant(f"{day}T08:00:00+07:00") // 1000,
        "version": 1,
    }


def months(database: Database) -> list[int]:
    rows = database.query("SELECT DISTINCT toYYYYMM(rejected_at) AS month FROM rejections ORDER BY month")
    return [month for (month,) in rows]


def test_whole_months_go(either: Database) -> None:
    insert_rows(either, "rejections", map(rejection, ("2026-03-31", "2026-04-01", "2026-06-29")))
    assert drop_old(either, "rejections", 90, NOW) == ["202603"]
    assert months(either) == [202604, 202606]
    assert drop_old(either, "rejections", 90, NOW) == []


def test_without_a_setting_everything_stays(database: Database) -> None:
    insert_rows(database, "rejections", [rejection("2001-01-01")])
    assert drop_old(database, "rejections", None, NOW) == []
    assert months(database) == [200101]
    assert dropped_until(database, "rejections") == 0


def said(number: int, **fields: Any) -> Said:
    return Said(
        "dossier",
        f"000.00.16.H25-240405-{number:04}",
        parse_instant("2024-04-05T09:00:00+07:00"),
        "a",
        fields,
    )


def test_the_audit_compares_what_is_left_of_the_events(database: Database) -> None:
    received = parse_instant("2024-04-05T09:00:00+07:00")
    write_history(
        database, "H25", [said(number, received_at=received) for number in (1, 2)], date(2024, 4, 20)
    )
    assert drop_old(database, "events", 30, NOW) == ["202404"]
    assert dropped_until(database, "events") == parse_instant("2026-05-01T00:00:00Z") // 1000
    assert audit(database, pause=0)["different"] == 0


def test_the_audit_still_finds_a_state_that_is_older_than_its_events(database: Database) -> None:
    received = parse_instant("2024-04-05T09:00:00+07:00")
    write_history(database, "H25", [said(1, received_at=received)], date(2024, 4, 20))
    drop_old(database, "events", 30, NOW)
    write_history(database, "H25", [said(1, received_at=received)], date(2024, 4, 20))
    assert audit(database, pause=0)["different"] == 0
    database.command(
        "ALTER TABLE events UPDATE data = replace(data, 'received_at', 'due_at') WHERE 1"
        " SETTINGS mutations_sync = 1"
    )
    assert audit(database, pause=0)["different"] == 1
