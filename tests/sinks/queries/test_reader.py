"""Rejections, sources, warnings, dossiers and explanations over rows written by hand."""

from collections.abc import Iterator
from typing import Any

import pytest

from emc.errors import InputError
from emc.instants import HANOI, format_instant, parse_instant
from emc.registry import load_registry
from sinks.clickhouse.database import Database
from sinks.imports.feeds import Feed
from sinks.queries.reader import Reader
from sinks.queries.visible import Visible
from tests.engine import embedded_database
from tests.sinks.history import Said, insert_rows, write_history

A, B, C, D, E, F = (f"000.00.16.H25-240305-000{n}" for n in range(1, 7))


def at(text: str) -> int:
    return parse_instant(text + "+07:00")


MARCH_5, MARCH_6 = at("2024-03-05T08:00:00"), at("2024-03-06T00:00:00")
SAID = at("2024-03-10T00:00:00")

COMPONENTS = [{"code": "giay-1", "digitised": True, "reused": True}, {"code": "giay-2"}]
DOSSIERS: dict[str, dict[str, Any]] = {
    A: {"procedure": "1.000001", "channel": "online", "status": 9, "received_at": MARCH_5,
        "due_at": MARCH_6, "resolved_at": MARCH_6, "components": COMPONENTS},
    B: {"procedure": "1.000001", "channel": "direct", "status": 4, "received_at": MARCH_5 - 1,
        "submitted_at": MARCH_5, "components": []},
    C: {"procedure": "1.000002", "channel": "online", "status": 7, "received_at": MARCH_6,
        "resolved_at": MARCH_5, "electronic_result": True},
    D: {"channel": "online", "status": 2},
    E: {"channel": "online", "received_at": MARCH_5, "removed": True},
    F: {"procedure": "1.000001", "channel": "online", "status": 10, "received_at": MARCH_5,
        "resolved_at": at("2099-01-01T00:00:00"), "electronic_result": True},
}  # fmt: skip
ENTRIES = [
    Said(
        "procedure",
        "1.000001",
        SAID,
        "p",
        {"service_level": "full", "eligible_full_online": True},
        "1970-01-01",
    ),
    Said("procedure", "1.000001", SAID, "p", {"service_level": "none", "name": "Khai sinh"}, "2024-03-06"),
    Said("procedure", "1.000002", SAID, "p", {"eligible_full_online": True}, "2024-04-01"),
]


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """A reader of the dossiers above, each said in one event, and of rejections and sources."""
    events = [Said("dossier", code, SAID, code[-4:], fields) for code, fields in DOSSIERS.items()]
    events.append(Said("dossier", A, SAID + 1, "later", {"identified": True, "status": None}))
    with embedded_database() as database:
        write_history(database, "H25", events + ENTRIES)
        insert_rows(database, "rejections", REJECTIONS + REJECTIONS[:2])
        insert_rows(database, "sources", SOURCES)
        insert_rows(database, "conflicts", CONFLICTS)
        yield Reader(database, load_registry())


def refused(
    agency: str, arrived: int, offset: int, index: int = 0, subject: str = "", source: str = ""
) -> dict[str, Any]:
    return {
        "agency": agency,
        "reason": "invalid",
        "path": "$.data.channel",
        "detail": "expected one of direct, online, postal",
        "id": "e-1" if index >= 0 else "",
        "subject": subject,
        "source": source,
        "topic": "emc.events",
        "partition": 3,
        "offset": offset,
        "index": index,
        "rejected_at": arrived,
        "version": offset + 1,
    }


REFUSED = "000.00.16.H25-231231-0001"
NOON = at("2024-03-10T12:00:00") // 1000
REJECTIONS = [
    refused("H25", NOON, 1),
    refused("H25", NOON, 1, 1),
    refused("H26", NOON + 5, 2),
    refused("", NOON + 6, 3, -1),
    refused("H25", at("2023-12-31T00:00:00") // 1000, 0, 0, REFUSED, "/agencies/H25/onestop"),
]
SOURCES = [
    {"agency": "H25", "source": "/agencies/H25", "last_time": SAID, "last_arrival": NOON, "version": 2},
    {"agency": "H25", "source": "/agencies/H25", "last_time": 5, "last_arrival": 5, "version": 1},
]
CONFLICTS = [
    {"agency": "H25", "type": kind, "subject": subject, "field": field, "time": SAID, "id": "x",
     "seen_at": NOON, "version": 1}
    for kind, subject, field in (
        ("dossier", A, "unit"), ("dossier", A, "status"), ("procedure", "1.000001", "name")
    )
]  # fmt: skip


def test_rejections_come_newest_first_each_place_once(reader: Reader) -> None:
    found = reader.rejections()["rejections"]
    assert [(row["agency"], row["offset"], row["index"]) for row in found] == [
        (None, 3, -1),
        ("H26", 2, 0),
        ("H25", 1, 1),
        ("H25", 1, 0),
        ("H25", 0, 0),
    ]
    assert found[0]["id"] is None
    assert found[1] == {
        "reason": "invalid",
        "path": "$.data.channel",
        "detail": "expected one of direct, online, postal",
        "agency": "H26",
        "id": "e-1",
        "subject": None,
        "source": None,
        "partition": 3,
        "offset": 2,
        "index": 0,
        "rejected_at": "2024-03-10T12:00:00.005000+07:00",
        "accepted_at": None,
    }


def test_what_was_accepted_since_is_marked_with_when() -> None:
    event = Said("dossier", REFUSED, SAID, "e-1", {"channel": "online"})
    with embedded_database() as database:
        write_history(database, "H25", [event])
        (stored,) = database.rows("SELECT source, toUnixTimestamp64Milli(arrived_at) AS at FROM events")
        before, after = stored["at"] - 1000, stored["at"] + 1000
        rows = [
            refused("H25", before, 1, 0, REFUSED, stored["source"]),
            refused("H25", after, 2, 0, REFUSED, stored["source"]),
            refused("H25", before, 3, 0, REFUSED, "/agencies/H25/another"),
            refused("H25", before, 4),
            refused("H25", before, 5, 0, REFUSED, stored["source"]) | {"id": "sha256:0123456789abcdef"},
        ]
        insert_rows(database, "rejections", rows)
        reader = Reader(database, load_registry())
        found = {row["offset"]: row["accepted_at"] for row in reader.rejections()["rejections"]}
        told = {row["offset"]: row["accepted_at"] for row in reader.explain(REFUSED)["refused"]}
    assert found == {1: format_instant(stored["at"] * 1000, HANOI), 2: None, 3: None, 4: None, 5: None}
    assert told == {offset: when for offset, when in found.items() if offset != 4}


def test_rejections_of_one_agency_before_an_instant(reader: Reader) -> None:
    def found(**asked: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = reader.rejections("H25", **asked)["rejections"]
        return rows

    assert len(found()) == 3
    assert [row["index"] for row in found(limit=1)] == [1]
    assert [row["offset"] for row in found(before="2024-03-10T12:00:00+07:00")] == [0]
    assert [row["offset"] for row in found(before="2024-03-10T12:00:00 07:00")] == [0]  # a plus not quoted
    assert len(found(before="2024-03-10T05:00:00.000001Z")) == 3
    assert (len(found(before="9999-12-31T23:59:59Z")), found(before="0001-01-01T00:00:00+07:00")) == (3, [])


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_rejections_are_read_page_by_page_to_their_end(reader: Reader, limit: int) -> None:
    whole, pages, cursor = reader.rejections()["rejections"], [], None
    for _ in range(10):
        page = reader.rejections(limit=limit, cursor=cursor)
        pages += page["rejections"]
        cursor = page["next"]
        if cursor is None:
            break
    assert cursor is None
    assert pages == whole


def test_two_thousand_refusals_of_one_moment_are_all_read() -> None:
    with embedded_database() as database:
        rows = [
            {"reason": "invalid", "path": "$.id", "detail": "expected an id", "agency": "H25", "id": "",
             "topic": "emc.events", "partition": n % 3, "offset": n // 800, "index": n % 800,
             "rejected_at": NOON, "version": 1}
            for n in range(2_400)
        ]  # fmt: skip
        database.insert("rejections", {name: [row[name] for row in rows] for name in rows[0]})
        reader, seen, cursor = Reader(database, load_registry()), list[Any](), None
        for _ in range(4):
            page = reader.rejections("H25", limit=1_000, cursor=cursor)
            seen += [(row["partition"], row["offset"], row["index"]) for row in page["rejections"]]
            if (cursor := page["next"]) is None:
                break
    assert len(seen) == len(set(seen)) == 2_400
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"agency": "Z99"},
        {"limit": 0},
        {"limit": 1001},
        {"before": "2024-03-10T12:00:00"},
        {"cursor": ""},
        {"cursor": "1.2.3"},
        {"cursor": "1.2.3.-2"},
        {"cursor": "1.2.3.4; DROP"},
    ],
)
def test_rejections_asked_wrongly_are_refused(reader: Reader, wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=f"{next(iter(wrong))} is .* expected"):
        reader.rejections(**wrong)


def test_sources_tell_when_they_were_last_seen(reader: Reader) -> None:
    assert reader.sources() == [
        {
            "agency": "H25",
            "source": "/agencies/H25",
            "last_time": "2024-03-10T00:00:00.000000+07:00",
            "last_arrival": "2024-03-10T12:00:00.000000+07:00",
            "feeds": ["events"],
        }
    ]
    reader.note_feed("/agencies/H25", Feed.SYNC)
    reader.note_feed("/agencies/H25", Feed.PUSH)
    assert reader.sources()[0]["feeds"] == ["push", "sync"]


def test_warnings_are_facts_of_the_present_state(reader: Reader) -> None:
    rows = reader.database.query("SELECT dossier, warning FROM warnings WHERE agency = 'H25' ORDER BY ALL")
    assert rows == [
        (A, "conflict"),
        (B, "received_before_submitted"),
        (C, "code_date_differs"),
        (C, "not_in_catalogue"),
        (C, "resolved_before_received"),
        (D, "status_without_date"),
        (F, "date_in_future"),
    ]


def listed(reader: Reader, metric: str, **other: Any) -> dict[str, tuple[bool, str]]:
    parameters = {"agency": "H25", "period": "month", "start": "2024-03-01"} | other
    return {
        row.get("dossier") or row["procedure"]: (row["in_numerator"], row["reason"])
        for row in reader.dossiers(metric, **parameters)
    }


def test_dossiers_of_a_denominator_each_with_the_reason(reader: Reader) -> None:
    assert listed(reader, "online_submission") == {
        A: (True, "it was submitted online"),
        B: (False, "it was not submitted online"),
        C: (True, "it was submitted online"),
        F: (True, "it was submitted online"),
    }
    assert listed(reader, "online_submission", period="day", start="2024-03-06").keys() == {C}


def test_dossiers_missing_from_a_numerator(reader: Reader) -> None:
    assert listed(reader, "data_reuse", missing=True, definition="received") == {
        B: (False, "no component was reused"),
        C: (False, "no component was reused"),
        F: (False, "no component was reused"),
    }
    assert listed(reader, "online_submission", missing=True, definition="with-result") == {
        A: (False, "the procedure ends in a result document, it has no electronic result"),
        B: (
            False,
            "it was not submitted online, the procedure ends in a result document,"
            " it has no electronic result",
        ),
    }


def test_procedure_facts_are_those_of_the_day(reader: Reader) -> None:
    full = {A: (True, "it was submitted online, the procedure is at level full")}
    assert listed(reader, "full_online_use", definition="eligible").items() >= full.items()
    # C counts on 6 March, when its procedure had no entry yet: not eligible
    assert listed(reader, "full_online_use", definition="eligible").keys() == {A, B, F}


def test_only_resolved_dossiers_count_by_resolution(reader: Reader) -> None:
    assert listed(reader, "electronic_result") == {A: (False, "it has no electronic result")}
    assert listed(reader, "on_time") == {A: (True, "it was resolved by its due date")}
    assert listed(reader, "electronic_result", start="2099-01-01").keys() == {F}


def test_supply_lists_procedures(reader: Reader) -> None:
    assert listed(reader, "full_online_supply", start="2024-02-01") == {
        "1.000001": (True, "the service is published, the procedure is at level full")
    }
    assert listed(reader, "full_online_supply") == {}
    assert listed(reader, "full_online_supply", start="2024-04-01", missing=True) == {
        "1.000002": (False, "the procedure is not at level full")
    }


@pytest.mark.parametrize(
    "wrong",
    [{"metric": "x"}, {"definition": "x"}, {"agency": "x"}, {"period": "x"}, {"start": "2024-03-02"}],
)
def test_dossiers_asked_wrongly_are_refused(reader: Reader, wrong: dict[str, str]) -> None:
    asked = {"metric": "on_time", "agency": "H25", "period": "month", "start": "2024-03-01"} | wrong
    with pytest.raises(InputError, match=f"{next(iter(wrong))} is '.*', expected"):
        reader.dossiers(**asked)  # type: ignore[arg-type]


def test_a_dossier_is_explained(reader: Reader) -> None:
    found = reader.explain(A)
    assert (found["dossier"], found["agency"], found["warnings"]) == (A, "H25", ["conflict"])
    assert [event["id"] for event in found["events"]] == ["0001", "later"]
    assert found["events"][0]["data"]["received_at"] == "2024-03-05T08:00:00.000000+07:00"
    assert found["state"]["channel"] == {
        "value": "online",
        "time": "2024-03-10T00:00:00.000000+07:00",
        "id": "0001",
        "source": "/agencies/H25/onestop",
    }
    assert found["state"]["status"]["value"] is None
    assert found["state"]["status"]["id"] == "later"
    receipt, resolution = found["counted"]["receipt"], found["counted"]["resolution"]
    assert (receipt["day"], resolution["day"]) == ("2024-03-05", "2024-03-06")
    assert (receipt["entry"]["service_level"], receipt["entry"]["valid_from"]) == ("full", "1970-01-01")
    assert (resolution["entry"]["service_level"], resolution["entry"]["name"]) == ("none", "Khai sinh")
    assert [name for name, holds in receipt["facts"].items() if holds] == [
        *("online", "reused", "identified", "has_due", "on_time"),
        *("level_full", "eligible", "result_required", "published"),
    ]


def definitions(found: dict[str, Any]) -> dict[str, tuple[bool, bool, str]]:
    return {
        f"{row['metric']}/{row['definition']}": (row["in_denominator"], row["in_numerator"], row["why"])
        for row in found["definitions"]
    }


def test_a_dossiers_place_in_every_definition_has_its_reason(reader: Reader) -> None:
    found = definitions(reader.explain(A))
    assert len(found) == 15
    claims_nothing = "its sender claims no fully online service"
    assert found["full_online_use/claimed"] == (True, False, claims_nothing)
    assert found["full_online_use/eligible"] == (
        *(True, True),
        "it was submitted online, the procedure is at level full",
    )
    assert found["digitised/received"] == (True, False, "it has no components, or one is not digitised")
    assert found["online_payment/received"] == (False, False, "no fee is due")
    assert found["online_supply/eligible"] == (
        *(False, False),
        "it counts procedures of the catalogue, not dossiers",
    )


@pytest.mark.parametrize(
    ("code", "day", "reason"),
    [
        (C, "resolution", "its status is 7, withdrawn by the citizen"),
        (D, "receipt", "it has no date of receipt"),
        (E, "receipt", "it is marked as entered by mistake"),
        (B, "resolution", "it has no date of resolution"),
    ],
)
def test_why_a_dossier_does_not_count(reader: Reader, code: str, day: str, reason: str) -> None:
    found = reader.explain(code)
    assert found["counted"][day] == {"day": None, "reason": reason}
    metric = "electronic_result/resolved" if day == "resolution" else "data_reuse/received"
    assert definitions(found)[metric] == (False, False, reason)


def test_a_dossier_whose_events_were_all_refused_is_explained_by_them(reader: Reader) -> None:
    found = reader.explain(REFUSED)
    assert [(each["path"], each["source"]) for each in found["refused"]] == [
        ("$.data.channel", "/agencies/H25/onestop")
    ]
    assert found["events"] == []
    assert found["counted"]["receipt"] == {"day": None, "reason": "no event of it was accepted"}
    assert reader.explain(A)["refused"] == []


def test_refused_events_of_another_agency_are_not_explained(reader: Reader) -> None:
    with pytest.raises(InputError, match="is not known"):
        reader.seeing(Visible(frozenset(("H26",)), frozenset(("H26",)))).explain(REFUSED)


def test_an_unknown_dossier_is_refused(reader: Reader) -> None:
    with pytest.raises(InputError, match="is not known: no event of it was accepted"):
        reader.explain("000.00.16.H25-240305-9999")
    with pytest.raises(InputError, match="expected a code like"):
        reader.explain("H25")


def test_everything_reads_the_same_over_http(reader: Reader, either: Database) -> None:
    other = Reader(either, load_registry())
    events = [Said("dossier", code, SAID, code[-4:], fields) for code, fields in DOSSIERS.items()]
    write_history(either, "H25", events + ENTRIES)
    assert other.audit()["differences"] == []
    assert listed(other, "data_reuse") == listed(reader, "data_reuse")
    assert other.explain(B) == reader.explain(B)
