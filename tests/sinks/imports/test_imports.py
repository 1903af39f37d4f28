"""Imports recorded and read back; what an import is compared with; what is odd in senders' records."""

import pytest

from emc.errors import InputError
from emc.instants import parse_instant
from emc.registers import decode, values
from emc.registry import load_registry
from sinks.clickhouse.database import Database
from sinks.imports.feeds import Feed, note_feed
from sinks.imports.known import read_catalogue, read_states
from sinks.imports.meanings import WARNINGS
from sinks.imports.record import CauseRecord, ImportRecord, NoticeRecord
from sinks.imports.recorded import read_import, read_imports, write_import, write_notices
from sinks.imports.warnings import read_warnings
from sinks.queries.explain import explain_dossier
from sinks.queries.reader import Reader
from tests.sinks.history import Said, write_history

AS_OF = parse_instant("2024-04-01T00:00:00+07:00")
RECEIVED = parse_instant("2024-03-05T08:30:00+07:00")
RECORD = ImportRecord(
    "H25", "/agencies/H25/import", "csv", "dossiers", ["a.csv"], ["d1"], AS_OF, 10, 8, 2, RECEIVED, 5, 2, 1,
    [CauseRecord("kênh", "expected a text", 2, ["line 3", "line 5"])],
    [NoticeRecord("H25-240305-0001", "result_is_input"), NoticeRecord("no code", "result_is_input")],
)  # fmt: skip


def said(dossier: str, number: int, **fields: object) -> Said:
    return Said("dossier", dossier, AS_OF + number, str(number), fields)


def test_an_import_is_read_back_with_its_causes(database: Database) -> None:
    id_ = write_import(database, RECORD)
    (listed,) = read_imports(database, "H25")
    assert read_imports(database, "H44") == []
    assert (listed["id"], listed["files"], listed["as_of"]) == (
        id_,
        ["a.csv"],
        "2024-04-01T00:00:00.000000+07:00",
    )
    counts = ("rows", "sent", "refused", "new", "changed", "unchanged")
    assert [listed[name] for name in counts] == [10, 8, 2, 5, 2, 1]
    assert read_import(database, id_)["refusals"] == [
        {"column": "kênh", "reason": "expected a text", "rows": 2, "examples": ["line 3", "line 5"]}
    ]
    with pytest.raises(InputError, match="there is no import of this id"):
        read_import(database, "none")


def test_what_was_not_compared_is_null(database: Database) -> None:
    bare = ImportRecord("H25", "/agencies/H25/import", "csv", "dossiers", [], [], AS_OF, 1, 1, 0)
    write_import(database, bare)
    assert [read_imports(database)[0][name] for name in ("newest", "new", "changed")] == [None] * 3


def test_states_and_catalogue_are_what_is_held(database: Database) -> None:
    events = [
        said("H25-240305-0001", 1, status=4, received_at=RECEIVED),
        Said("procedure", "1.000001", AS_OF, "p", {"service_level": "full"}, "2024-01-01"),
    ]
    write_history(database, "H25", events)
    states = read_states(database, ["H25-240305-0001", "H25-240305-0002"])
    assert list(states) == ["H25-240305-0001"]
    assert values(decode(states["H25-240305-0001"])) == {"status": 4, "received_at": RECEIVED}
    (entry,) = read_catalogue(database, "H25")
    assert (entry["procedure"], entry["service_level"], bool(entry["published"])) == (
        "1.000001",
        "full",
        True,
    )
    assert read_states(database, []) == {}
    with pytest.raises(InputError, match="expected a list of dossier codes"):
        read_states(database, ["x"])
    with pytest.raises(InputError, match="at most 1000"):
        read_states(database, ["H25-240305-0001"] * 1001)


def test_what_is_odd_is_found_in_states_events_and_what_was_seen(database: Database) -> None:
    same = {"procedure": "1.000001", "received_at": RECEIVED}
    events = [
        said("H25-240305-0001", 1, **same, status=9),
        said("H25-240305-0002", 2, **same),
        said("H25-240305-0003", 3, received_at=RECEIVED),
        said("H25-240305-0003", 4, received_at=RECEIVED + 1),
        said("H25-240305-0004", 5, **same, due_at=RECEIVED + 1),
        said("H25-240305-0005", 6, **same, removed=True),
        *(said(f"H25-240306-{n:04}", 10 + n, identified=True) for n in range(501)),
    ]
    write_history(database, "H25", events)
    write_notices(database, "/agencies/H25/import", [("H25-240305-0002", "placeholder_identity")])
    found = {(row["warning"], row["field"]): row["examples"] for row in read_warnings(database, "H25")}
    assert found["finished_without_date", None] == ["H25-240305-0001"]
    assert found["duplicate_suspect", None] == ["H25-240305-0001", "H25-240305-0002"]
    assert found["receipt_moves", None] == ["H25-240305-0003"]
    assert found["placeholder_identity", None] == ["H25-240305-0002"]
    assert len(found["constant_flag", "identified"]) == 3
    assert ("constant_flag", "procedure") not in found
    for dossier in (f"H25-240305-000{n}" for n in range(1, 6)):
        listed = {
            row["warning"]
            for row in database.rows(
                "SELECT warning FROM sender_warnings WHERE dossier = {dossier:String}", {"dossier": dossier}
            )
        }
        assert listed <= set(explain_dossier(database, dossier)["warnings"])
        assert listed == set(explain_dossier(database, dossier)["warnings"]) & (
            {"finished_without_date", "duplicate_suspect", "receipt_moves", "placeholder_identity"}
        )


def test_a_flag_that_varies_is_not_constant(database: Database) -> None:
    events = [said(f"H25-240306-{n:04}", n, identified=n != 7) for n in range(600)]
    write_history(database, "H25", events)
    assert not [row for row in read_warnings(database, "H25") if row["warning"] == "constant_flag"]


def test_every_warning_is_explained() -> None:
    from producers.said import Notice

    assert {notice.value for notice in Notice} <= WARNINGS.keys()


def test_without_a_catalogue_what_depends_on_it_is_no_data(database: Database) -> None:
    events = [said("H25-240305-0001", 1, procedure="1.000001", received_at=RECEIVED, channel="online")]
    write_history(database, "H25", events)

    def why(metric: str) -> set[str]:
        found = explain_dossier(database, "H25-240305-0001")["definitions"]
        return {one["why"] for one in found if one["metric"] == metric and one["definition"] == "all"}

    assert why("full_online_use") == {"no data: no catalogue"}
    (listed,) = Reader(database, load_registry()).dossiers("full_online_use", "H25", "month", "2024-03-01")
    assert (listed["in_numerator"], listed["reason"]) == (False, "no data: no catalogue")
    entry = Said("procedure", "1.000002", AS_OF, "p", {"service_level": "full"}, "2024-01-01")
    write_history(database, "H25", [entry], version=(1 << 100) + 1)
    assert why("full_online_use") == {"no data: the catalogue has no entry of its procedure on that day"}


def test_what_tracking_messages_do_not_say_is_not_taken_for_a_no(database: Database) -> None:
    write_history(database, "H25", [said("H25-240305-0001", 1, received_at=RECEIVED, channel="online")])

    def why(metric: str) -> set[str]:
        found = explain_dossier(database, "H25-240305-0001")["definitions"]
        return {one["why"] for one in found if one["metric"] == metric}

    assert why("data_reuse") == {"no component was reused"}
    note_feed(database, "/agencies/H25/onestop", Feed.PUSH)
    assert all(told.startswith("it cannot be told") for told in why("data_reuse") | why("digitised"))
    note_feed(database, "/agencies/H25/onestop", Feed.SYNC)
    assert why("data_reuse") == {"no component was reused"}
