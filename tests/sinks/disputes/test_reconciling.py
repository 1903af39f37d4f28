"""Reconciliation: a true list differs in nothing, one with planted differences in exactly those."""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emc.errors import InputError
from emc.instants import HANOI, format_instant, parse_instant
from sinks.clickhouse.database import Database
from sinks.disputes.reconcile_query import Reconciling
from sinks.queries.reader import Reader
from sinks.queries.visible import NotVisible, Visible
from tests.engine import embedded_database
from tests.oracle.facts import FACTS, facts
from tests.portal.access.test_guard import registry
from tests.sinks.history import Said, write_history

MARCH = Reconciling("H25", "2024-03-01")
CODES = [f"H25-240305-{number:04}" for number in range(6)]
DAYS = [
    parse_instant(f"{day}T08:00:00+07:00") for day in ("2024-02-29", "2024-03-01", "2024-03-31", "2024-04-01")
]
TIME = st.integers(1_700_000_000_000_000, 1_700_000_000_000_009)
FIELDS: Mapping[str, st.SearchStrategy[Any]] = {
    "procedure": st.sampled_from(["1.000001", "1.000002"]),
    "channel": st.sampled_from(["online", "direct", None]),
    "status": st.sampled_from([2, 7, 9]),
    "received_at": st.sampled_from([*DAYS, None]),
    "resolved_at": st.sampled_from([*DAYS, None]),
    "due_at": st.sampled_from([*DAYS, None]),
    "electronic_result": st.booleans(),
    "identified": st.sampled_from([True, False, None]),
    "fee_due": st.booleans(),
    "paid_online": st.booleans(),
    "removed": st.sampled_from([False, False, True]),
    "claimed_level": st.sampled_from(["full", "none", None]),
    "components": st.lists(
        st.fixed_dictionaries({"code": st.just("x"), "digitised": st.booleans(), "reused": st.booleans()}),
        max_size=2,
    ),
}
DATA = st.fixed_dictionaries({}, optional=FIELDS)
EVENTS = st.lists(st.tuples(st.sampled_from(CODES), TIME, st.sampled_from("ab"), DATA), max_size=30)
Row = dict[str, str]


@pytest.fixture(scope="module")
def databases() -> Iterator[Database]:
    """All tables; each history is written with a greater version than the one before."""
    with embedded_database() as made:
        yield made


def distinct(events: list[Any]) -> list[Said]:
    """Events of a sender without the fault of two values under one time and id."""
    seen = {(code, time, id_): data for code, time, id_, data in events}
    return [Said("dossier", code, time, id_, data) for (code, time, id_), data in seen.items()]


def true_list(events: list[Said], day: str) -> dict[str, Row]:
    """What an agency that counts rightly has for March, by a calculation of its own."""
    written: dict[str, dict[str, tuple[int, str, Any]]] = {}
    for event in events:
        for name, value in event.fields.items():
            held = written.setdefault(event.subject, {}).get(name, (0, "", None))
            written[event.subject][name] = max(held, (event.time, event.id, value), key=lambda each: each[:2])
    found = {}
    for code, registers in written.items():
        state = {name: value for name, (_, _, value) in registers.items() if value is not None}
        for name in ("received_at", "resolved_at", "due_at"):
            if name in state:
                state[name] = format_instant(state[name], HANOI)
        counted = facts(state)
        when = counted.receipt if day == "receipt" else counted.resolution
        if when is not None and (when.year, when.month) == (2024, 3):
            bits = {fact: str(bool(counted.signature >> bit & 1)).lower() for bit, fact in enumerate(FACTS)}
            reused = {"data_reuse": bits["reused"], "received_at": str(counted.receipt)}
            found[code] = {"procedure": counted.procedure, **bits, **reused}
    return found


def listed(rows: Mapping[str, Row]) -> bytes:
    names = ["procedure", *FACTS, "data_reuse", "received_at"]
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, ["dossier", *names])
    table.writeheader()
    table.writerows({"dossier": code, **row} for code, row in rows.items())
    return text.getvalue().encode()


def history_in(database: Database, events: list[Said]) -> Reader:
    for table in ("dossiers", "events", "tallies", "rates", "commits"):
        database.command(f"TRUNCATE TABLE {table}")
    write_history(database, "H25", events, date(2024, 4, 20))
    return Reader(database, registry())


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(EVENTS, st.sampled_from(["receipt", "resolution"]))
def test_the_true_list_differs_in_nothing(databases: Database, events: list[Any], day: str) -> None:
    said = distinct(events)
    theirs = true_list(said, day)
    found = history_in(databases, said).reconcile(Reconciling("H25", "2024-03-01", day=day), listed(theirs))
    assert found.differences == []
    assert found.told(1)["counts"] == {
        "both": len(theirs), "differently": 0, "only_theirs": 0, "only_ours": 0,
    }  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(EVENTS, st.data())
def test_planted_differences_are_found_and_no_others(
    databases: Database, events: list[Any], data: st.DataObject
) -> None:
    said = distinct(events)
    theirs = true_list(said, "receipt")
    lost = set(data.draw(st.lists(st.sampled_from(sorted(theirs)), max_size=2))) if theirs else set()
    unknown = set(data.draw(st.lists(st.sampled_from(["H25-240309-0001", "H25-240309-0002"]))))
    kept = {code: dict(row) for code, row in theirs.items() if code not in lost}
    turned = set()
    if kept:
        places = st.tuples(st.sampled_from(sorted(kept)), st.sampled_from(FACTS))
        turned = set(data.draw(st.lists(places, max_size=4)))
    for code, fact in turned:
        kept[code][fact] = {"true": "false", "false": "true"}[kept[code][fact]]
    given_ = kept | {code: dict.fromkeys(FACTS, "") for code in unknown}
    found = history_in(databases, said).reconcile(MARCH, listed(given_))
    sets: dict[str, set[Any]] = {"differently": set(), "only_ours": set(), "only_theirs": set()}
    for each in found.differences:
        sets[each.which].add((each.dossier, each.fact) if each.fact else each.dossier)
    assert sets == {"differently": turned, "only_ours": lost, "only_theirs": unknown}
    assert all(each.theirs is not each.ours and each.reason for each in found.differences if each.fact)


def reader_of(database: Database, visible: Visible | None = None) -> Reader:
    """Three dossiers: of March, of April, and one without a date of receipt; and an entry of none."""
    events = [
        Said("dossier", CODES[0], 1, "a", {"received_at": DAYS[1], "channel": "direct"}),
        Said("dossier", CODES[1], 1, "a", {"received_at": DAYS[3]}),
        Said("dossier", CODES[2], 1, "a", {"channel": "online"}),
    ]
    reader = history_in(database, events)
    database.insert("rejections", {
        "agency": ["H25"], "reason": ["invalid"], "path": ["$"], "detail": [""], "id": ["1"],
        "subject": [CODES[3]], "topic": ["t"], "partition": [0], "offset": [7], "index": [0],
        "rejected_at": [1_714_000_000_000], "version": [1],
    })  # fmt: skip
    return reader if visible is None else reader.seeing(visible)


def test_each_difference_has_its_reason(databases: Database) -> None:
    lines = ["dossier;online;full_online_use", f"{CODES[0]};yes;1", f"{CODES[0]};no;0"]
    lines += [f"{code};;" for code in (*CODES[1:5], "H26-240305-0001")]
    found = reader_of(databases).reconcile(MARCH, "\r\n".join(lines).encode())
    assert found.repeated == [CODES[0]]
    assert [(each.dossier, each.fact, each.theirs, each.ours, each.reason) for each in found.differences] == [
        (CODES[0], "online", True, False, "it was not submitted online"),
        (CODES[0], "full_online_use", True, False, "it was not submitted online, no data: no catalogue"),
        (CODES[1], None, None, None, "it counts on a day outside of the period"),
        (CODES[2], None, None, None, "it has no date of receipt"),
        (CODES[3], None, None, None, "every event of it was refused"),
        (CODES[4], None, None, None, "no event of it was accepted"),
        ("H26-240305-0001", None, None, None, "its code is another agency's"),
    ]
    assert found.told(1)["has_more"]
    assert found.told(1)["by_fact"] == {"online": 1, "full_online_use": 1}


def test_totals_stand_beside_the_rates(databases: Database) -> None:
    content = b"metric,numerator,denominator\nonline_submission,1,1\nonline_payment,0,7\n"
    found = reader_of(databases).reconcile(MARCH, content).told(9)
    assert [tuple(each.values()) for each in found["totals"]] == [
        ("online_submission", "channel", 1, 1, 0, 1),
        ("online_payment", "received", 0, 7, 0, 0),
    ]


def test_an_agency_reconciles_its_own_alone(databases: Database) -> None:
    reader = reader_of(databases, Visible(frozenset(), frozenset({"H26"})))
    with pytest.raises(NotVisible):
        reader.reconcile(MARCH, b"dossier\n")
    found = reader.reconcile(Reconciling("H26", "2024-03-01"), f"dossier\n{CODES[3]}\n".encode())
    assert [each.reason for each in found.differences] == ["its code is another agency's"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "line 1: expected a column dossier"),
        (b"dossier,name\nx,y\n", "line 1: column 2 is not known, expected of dossier"),
        (b"dossier,online,online\n", "line 1: expected each column once"),
        (b"dossier,online\nH25-240305-0001\n", "line 2: expected 2 fields"),
        (b"dossier\nsecret\n", "line 2: dossier is no code"),
        (b"dossier,online\nH25-240305-0001,maybe\n", "line 2: online is not usable, expected true or false"),
        (
            b"dossier,received_at\nH25-240305-0001,soon\n",
            "line 2: received_at is not usable",
        ),
        (b"dossier,procedure\nH25-240305-0001,soon\n", "line 2: procedure is not usable"),
        (b"metric,numerator\non_time,1\n", "line 1: expected a column denominator"),
        (b"metric,numerator,denominator\non_time,1,many\n", "line 2: numerator or denominator"),
        (b"dossier\n\xff\n", "not in UTF-8"),
    ],
)
def test_what_cannot_be_read_is_told_without_its_value(
    databases: Database, content: bytes, fault: str
) -> None:
    with pytest.raises(InputError, match=fault) as failure:
        Reader(databases, registry()).reconcile(MARCH, content)
    assert "secret" not in str(failure.value)
