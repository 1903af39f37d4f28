"""The audit in SQL against tables written by the domain's Python: agreement, and what it must notice."""

import random
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest

from emc.instants import parse_instant
from sinks.audit.audit import TRIES, Mark, audit
from sinks.audit.comparison import Findings
from sinks.clickhouse.database import Database
from tests.engine import embedded_database
from tests.sinks.history import TODAY, VERSION, Said, commit, insert_rows, write_history

MARCH = parse_instant("2024-03-01T00:00:00+07:00")
DAY = 86_400_000_000
PROCEDURES = ("1.000001", "1.000002", "2.000003", "3.000004")


def history(seed: int, agency: str = "H25", dossiers: int = 60) -> list[Said]:
    """Random events: duplicates, ties, cleared fields, corrections, a changing catalogue, declarations."""
    dice = random.Random(seed)
    codes = [f"000.00.16.{agency}-2403{dice.randint(1, 31):02d}-{n:04d}" for n in range(dossiers)]
    events = [_dossier_event(dice, dice.choice(codes)) for _ in range(dossiers * 6)]
    events += [_procedure_event(dice) for _ in range(30)]
    events += [_declaration_event(dice) for _ in range(25)]
    events += dice.choices(events, k=len(events) // 10)
    dice.shuffle(events)
    return events


def _instant(dice: random.Random) -> int | None:
    return None if dice.random() < 0.1 else MARCH + dice.randrange(-5 * DAY, 60 * DAY)


def _dossier_event(dice: random.Random, code: str) -> Said:
    fields: dict[str, Any] = {
        "procedure": dice.choice((*PROCEDURES, "9.999999", None)),
        "unit": dice.choice((f"H25.{dice.randint(1, 9)}", None)),
        "channel": dice.choice(("online", "direct", "postal", None)),
        "status": dice.choice((*range(1, 11), None)),
        **{name: _instant(dice) for name in ("submitted_at", "received_at", "due_at", "resolved_at")},
        **{
            name: dice.choice((True, False, None))
            for name in ("electronic_result", "result_signed", "identified", "fee_due", "paid_online")
        },
        "removed": dice.choice((True, False, False, None)),
        "components": dice.choice(
            (
                None,
                [],
                [{"code": 'A/1 "é" ồ', "digitised": True, "reuse_source": "land", "reused": True}],
                [{"code": "A", "digitised": True}, {"code": "B", "digitised": False}],
            )
        ),
    }
    chosen = dice.sample(sorted(fields), dice.randint(0, 9))
    # few distinct times and ids, so that full ties occur
    time = MARCH + dice.randrange(5) * 1_000
    return Said(
        "dossier", code, time, dice.choice(("a", "b", "é", "Z")), {name: fields[name] for name in chosen}
    )


def _procedure_event(dice: random.Random) -> Said:
    fields = {
        "service_level": dice.choice(("full", "partial", "none", None)),
        "eligible_full_online": dice.choice((True, False, None)),
        "result_required": dice.choice((True, False, None)),
        "published": dice.choice((True, False, None)),
        "name": dice.choice(('Đăng ký \\ "khai" / sinh', None)),
    }
    chosen = {name: fields[name] for name in dice.sample(sorted(fields), dice.randint(0, 5))}
    valid_from = dice.choice(("1970-01-01", "2024-03-05", "2024-03-20", "2024-05-01"))
    time = MARCH + dice.randrange(5) * 1_000
    return Said("procedure", dice.choice(PROCEDURES), time, "p", chosen, valid_from)


def _declaration_event(dice: random.Random) -> Said:
    fields = {"received": dice.choice((0, 3, 1_000_000_000, None)), "resolved": dice.choice((9, 10, None))}
    chosen = {name: fields[name] for name in dice.sample(sorted(fields), dice.randint(1, 2))}
    day = f"2024-03-{dice.randint(1, 31):02d}"
    return Said("declaration", day, MARCH + dice.randrange(4) * 1_000, "d", chosen)


@pytest.fixture(scope="module")
def written() -> Iterator[Database]:
    """A database with the histories of some agencies, to be left as it was found."""
    with embedded_database() as database:
        for agency in ("G12", "H25", "H26"):
            write_history(database, agency, history(7, agency))
        yield database


@pytest.mark.parametrize("seed", range(6))
def test_sql_agrees_with_python_on_random_histories(database: Database, seed: int) -> None:
    for agency in ("H25", "G12"):
        write_history(database, agency, history(seed, agency))
    found = audit(database)
    assert found["differences"] == []
    assert (found["different"], found["unsettled"], found["agencies"]) == (0, 0, 2)
    assert found["checked"] > 1000


TAMPERING = {
    "a register of a dossier": (
        "dossiers",
        "registers = replaceOne(registers, ',\"a\",', ',\"z\",')",
        "true",
    ),
    "a register held twice": (
        "dossiers",
        """registers = concat('[[1,"a",{"status":1}],', substring(registers, 2))""",
        "status > 0",
    ),
    "writers out of order": (
        "dossiers",
        "registers = concat('[', arrayStringConcat(arrayReverse(JSONExtractArrayRaw(registers)), ','), ']')",
        "length(JSONExtractArrayRaw(registers)) > 1",
    ),
    "a dossier's status": ("dossiers", "status = 11", "true"),
    "a dossier's signature": ("dossiers", "signature = bitXor(signature, 4)", "true"),
    "an entry's level": ("procedures", "service_level = 'other'", "true"),
    "a declared number": ("declarations", "received = 77", "true"),
    "a cell": ("tallies", "dossiers = dossiers + 1", "dossiers = 1"),
    "a numerator": ("rates", "numerator = numerator + 1", "metric = 'data_reuse' AND period = 'year'"),
    "a declared sum": ("rates", "declared = declared + 1", "metric = 'on_time' AND period = 'month'"),
    "a supply rate": ("rates", "denominator = 99", "metric = 'online_supply' AND period = 'day'"),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_a_changed_row_is_found(written: Database, what: str) -> None:
    table, change, where = TAMPERING[what]
    copy = f"{table}_before"
    written.command(f"CREATE TABLE {copy} AS {table}")
    written.command(f"INSERT INTO {copy} SELECT * FROM {table}")
    written.command(
        f"ALTER TABLE {table} UPDATE {change} WHERE agency = 'H25' AND {where} SETTINGS mutations_sync = 1"
    )
    found = audit(written)
    written.command(f"EXCHANGE TABLES {copy} AND {table}")
    written.command(f"DROP TABLE {copy} SYNC")
    assert found["different"] >= len(found["differences"]) > 0
    assert table in {difference["table"] for difference in found["differences"]}
    assert {difference["agency"] for difference in found["differences"]} == {"H25"}


@pytest.mark.parametrize("table", ["events", "dossiers", "procedures", "declarations", "tallies", "rates"])
def test_a_lost_row_is_found(written: Database, table: str) -> None:
    copy = f"{table}_before"
    written.command(f"CREATE TABLE {copy} AS {table}")
    written.command(
        f"INSERT INTO {copy} SELECT * FROM {table} WHERE agency != 'H25'"
        f" UNION ALL SELECT * FROM {table} WHERE agency = 'H25' LIMIT 5"
    )
    written.command(f"EXCHANGE TABLES {copy} AND {table}")
    found = audit(written)
    written.command(f"EXCHANGE TABLES {copy} AND {table}")
    written.command(f"DROP TABLE {copy} SYNC")
    assert found["different"] > 0
    assert {difference["agency"] for difference in found["differences"]} == {"H25"}


@pytest.mark.parametrize(("writes", "unsettled"), [(1, 0), (TRIES, 1)])
def test_what_is_written_during_its_comparison_is_compared_again(
    database: Database, monkeypatch: pytest.MonkeyPatch, writes: int, unsettled: int
) -> None:
    for agency in ("G12", "H25"):
        write_history(database, agency, history(9, agency, dossiers=5))
    compared: list[list[str]] = []

    def half_written(database: Database, marks: Mapping[str, Mark], chunks: int) -> dict[str, Findings]:
        """A comparison in the middle of which H25 is written."""
        compared.append(sorted(marks))
        if len(compared) <= writes:
            written = history(9 + len(compared), "H25", dossiers=5)
            version = VERSION + len(compared)
            write_history(database, "H25", written, version=version)
        return {agency: Findings(1) for agency in marks}

    monkeypatch.setattr("sinks.audit.audit._compare", half_written)
    found = audit(database, pause=0)
    assert compared == [["G12", "H25"], *[["H25"]] * (len(compared) - 1)]
    assert len(compared) == min(writes + 1, TRIES)
    assert (found["unsettled"], found["agencies"], found["checked"]) == (
        unsettled,
        2 - unsettled,
        2 - unsettled,
    )


def test_an_agency_that_is_being_written_is_unsettled_not_different(database: Database) -> None:
    write_history(database, "H25", history(8, dossiers=5))
    cell = {"agency": "G12", "procedure": "", "attribution": "receipt", "day": 19783, "signature": 0}
    insert_rows(database, "tallies", [{**cell, "dossiers": 5, "version": VERSION + 1, "is_deleted": 0}])
    found = audit(database, pause=0.01)
    assert (found["different"], found["unsettled"]) == (0, 1)
    commit(database, "G12", VERSION + 1, TODAY, MARCH)
    assert audit(database)["different"] > 0


def test_no_tables_written_is_nothing_to_compare(database: Database) -> None:
    compared = {"checked": 0, "different": 0, "unsettled": 0, "agencies": 0, "differences": []}
    assert audit(database) == compared | {"erased": 0, "traces": 0}


@pytest.mark.parametrize(
    ("smaller", "greater"),
    [
        (946_684_800_000_000, 1_000_000_000_000_000),  # 15 and 16 digits
        (1_000_000_000_000_000, None),  # null is written null, after any digit or quote
    ],
)
def test_ties_of_instants_are_decided_as_instants(
    database: Database, smaller: int, greater: int | None
) -> None:
    code = "000.00.16.H25-240305-0007"
    tie = [Said("dossier", code, MARCH, "same", {"due_at": value}) for value in (smaller, greater)]
    write_history(database, "H25", tie)
    ((due,),) = database.query("SELECT due_at FROM dossiers FINAL")
    assert due == greater
    assert audit(database)["differences"] == []


def test_large_agencies_are_compared_in_parts(written: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = audit(written)
    monkeypatch.setattr("sinks.audit.audit._ROWS_AT_ONCE", 500)
    assert audit(written) == whole


def test_agencies_are_compared_together_while_they_are_small(
    written: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ((greatest,),) = written.query(
        "SELECT max(n) FROM (SELECT count() AS n FROM events GROUP BY agency"
        " UNION ALL SELECT count() FROM rates GROUP BY agency)"
    )
    groups: list[tuple[list[str], int]] = []

    def noted(_: Database, marks: Mapping[str, Mark], chunks: int) -> dict[str, Findings]:
        groups.append((sorted(marks), chunks))
        return {agency: Findings() for agency in marks}

    monkeypatch.setattr("sinks.audit.audit._compare", noted)
    for at_once in (3 * greatest, 2 * greatest, greatest // 2):
        monkeypatch.setattr("sinks.audit.audit._ROWS_AT_ONCE", at_once)
        audit(written)
    assert groups[:3] == [(["G12", "H25", "H26"], 1), (["G12", "H25"], 1), (["H26"], 1)]
    assert [(agencies, chunks > 1) for agencies, chunks in groups[3:]] == [
        (["G12"], True),
        (["H25"], True),
        (["H26"], True),
    ]


def test_supply_is_stated_for_the_day_of_the_last_write(database: Database) -> None:
    entry = Said("procedure", "1.000001", MARCH, "p", {"eligible_full_online": True}, "2024-05-01")
    write_history(database, "H25", [entry], today=date(2024, 5, 2))
    assert database.query("SELECT count() FROM rates FINAL") == [(8,)]
    assert audit(database)["differences"] == []
