"""Inserts, queries and failures, the same embedded and over HTTP."""

import threading
from pathlib import Path
from typing import Any

import pytest

from emc.errors import ComponentError, DataDirectoryError, SettingError
from emc.instants import EARLIEST, LATEST
from sinks.clickhouse.database import Database
from sinks.clickhouse.failures import EngineUnavailable, QueryRefused
from sinks.clickhouse.migrate import migrate
from tests.databases import new_name
from tests.engine import Front, served_database
from tests.sinks.history import insert_rows

GREATEST_VERSION = 2**128 - 1
MONTHS = [(2000 + year) * 100 + month for year in range(100) for month in range(1, 13)]


def commit_row(agency: str, version: int) -> dict[str, Any]:
    return {
        "agency": agency,
        "version": version,
        "topic_id": "t",
        "partition": 2**32 - 1,
        "next_offset": 2**64 - 1,
        "as_of": 1_710_000_000_123_456,
        "written_at": 1_710_000_000_123,
        "today": 65535,
    }


def dossier_row(month: int, number: int = 1) -> dict[str, Any]:
    """The greatest and longest values that the contract admits."""
    identifier = "H25." + "9" * 31
    return {
        "agency": "H25",
        "dossier": f"{identifier}-{month % 10000:04d}01-{number:012d}",
        "month": month,
        "procedure": "9.999999",
        "unit": identifier,
        "channel": "direct",
        "status": 10,
        "submitted_at": EARLIEST,
        "received_at": LATEST,
        "due_at": None,
        "resolved_at": LATEST,
        "returned_at": None,
        "electronic_result": True,
        "result_signed": False,
        "identified": 1,
        "fee_due": 0,
        "paid_online": True,
        "removed": False,
        "signature": 511,
        "registers": '[[1,"'
        + "ồ" * 128
        + '",{"components":['
        + f'{{"code":"{"ộ" * 200}"}},' * 199
        + "{}]}]]",
        "version": GREATEST_VERSION,
    }


def test_values_come_out_as_they_went_in(either: Database) -> None:
    row = commit_row("H25", GREATEST_VERSION)
    insert_rows(either, "commits", [row])
    assert either.rows("SELECT * FROM commits FINAL") == [row]


def test_parameters_are_bound_by_the_engine(either: Database) -> None:
    odd = 'it\'s \\ "odd"\n{x:String} %(x)s ồ'
    assert either.query("SELECT {text:String}, {n:UInt16} + 1", {"text": odd, "n": 65535}) == [(odd, 65536)]


def test_the_greater_version_holds_also_inside_one_insert(either: Database) -> None:
    insert_rows(either, "commits", [commit_row("H25", version) for version in (2**64, 2**65, 2**64 + 1, 3)])
    insert_rows(either, "commits", [commit_row("H25", 2**64 + 5)])
    assert either.query("SELECT version FROM commits FINAL") == [(2**65,)]


def test_a_cell_that_became_empty_is_gone(either: Database) -> None:
    cell = {"agency": "H25", "procedure": "", "attribution": "resolution", "day": 0, "signature": 0}
    stored = [{**cell, "dossiers": n, "version": 9 - n, "is_deleted": int(n == 0)} for n in (3, 0)]
    insert_rows(either, "tallies", stored)
    assert either.query("SELECT count() FROM tallies FINAL") == [(0,)]


def test_filters_add_up(either: Database) -> None:
    insert_rows(either, "commits", [commit_row(agency, 7) for agency in ("H25", "H26", "H27")])
    once = either.filtered({"commits": "agency != 'H25' OR 0"})
    twice = once.filtered({"commits": "agency != 'H26' OR 0"})
    agencies = "SELECT agency FROM commits ORDER BY agency"
    assert twice.query(agencies) == [("H27",)]
    assert once.query(agencies) == [("H26",), ("H27",)]
    assert len(either.query(agencies)) == 3


def test_extreme_dossiers_of_every_month_of_a_century_go_in_at_once(database: Database) -> None:
    rows = [dossier_row(month) for month in MONTHS]
    insert_rows(database, "dossiers", [row | {"registers": "[]"} for row in rows[1:]] + rows[:1])
    ((count, months, due, longest),) = database.query(
        "SELECT count(), uniqExact(month), countIf(due_at IS NULL), max(length(components))"
        " FROM dossiers FINAL"
    )
    assert (count, months, due) == (1200, 1200, 1200)
    assert longest > 80_000


def test_events_of_years_of_quiet_go_in_at_once(either: Database) -> None:
    month = 30 * 86_400_000
    row = {
        "agency": "H25",
        "type": "dossier",
        "subject": "s",
        "time": LATEST,
        "id": "\U0001f600" * 128,
        "source": "/agencies/H25",
        "data": "{}",
        "arrived_at": 0,
        "topic_id": "t",
        "partition": 0,
        "offset": 0,
        "index": 65535,
        "version": 1,
    }
    insert_rows(either, "events", [row | {"arrived_at": n * month, "offset": n} for n in range(150)])
    assert either.query("SELECT count(), max(time) FROM events FINAL") == [(150, LATEST)]


def test_nothing_to_insert_is_no_error(either: Database) -> None:
    either.insert("commits", dict.fromkeys(commit_row("H25", 1), ()))
    assert either.query("SELECT count() FROM commits") == [(0,)]


def test_large_results_stream(either: Database) -> None:
    blocks = list(either.stream("SELECT number FROM numbers(200000)"))
    assert sum(map(len, blocks)) == 200_000
    assert blocks[0][0] == (0,)


def test_threads_insert_and_query_beside_each_other(either: Database) -> None:
    def work(place: int) -> None:
        for n in range(5):
            insert_rows(either, "commits", [commit_row(f"H{place}{n}", 1)])
            either.query("SELECT count() FROM commits FINAL")

    threads = [threading.Thread(target=work, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert either.query("SELECT count() FROM commits FINAL") == [(20,)]


def test_a_refused_statement_names_code_and_name_but_not_the_statement(either: Database) -> None:
    with pytest.raises(QueryRefused) as refused:
        either.query("SELECT secret_value FROM nowhere")
    assert (refused.value.code, refused.value.name) == (60, "UNKNOWN_TABLE")
    assert "secret_value" not in str(refused.value)


def test_a_value_that_does_not_fit_is_refused(either: Database) -> None:
    with pytest.raises(QueryRefused):
        insert_rows(either, "commits", [commit_row("H25", 2**128)])
    with pytest.raises(QueryRefused, match="has no table"):
        either.insert("nowhere", {"x": [1]})


def test_a_query_beyond_the_memory_limit_can_be_asked_again(either: Database) -> None:
    with pytest.raises(EngineUnavailable) as failed:
        either.query(
            "SELECT groupArray(toString(number)) FROM numbers(3000000) SETTINGS max_memory_usage = 20000000"
        )
    assert (failed.value.code, failed.value.name) == (241, "MEMORY_LIMIT_EXCEEDED")
    assert isinstance(failed.value, ComponentError)


def test_too_many_parts_can_be_asked_again(front: Front) -> None:
    with served_database(front) as database:
        front.fail(seconds=60, match="`commits`", code=252)
        with pytest.raises(EngineUnavailable) as failed:
            insert_rows(database, "commits", [commit_row("H25", 1)])
        assert failed.value.code == 252
        front.fail(seconds=0)
        insert_rows(database, "commits", [commit_row("H25", 1)])
        assert database.query("SELECT count() FROM commits") == [(1,)]


def test_a_killed_server_is_unavailable_and_found_again(tmp_path: Path) -> None:
    with Front(tmp_path) as first, Database(first.url(new_name())) as database:
        migrate(database)
        insert_rows(database, "commits", [commit_row("H25", 1)])
        first.kill()
        with pytest.raises(EngineUnavailable, match="does not answer"):
            database.query("SELECT 1")
        with pytest.raises(EngineUnavailable):
            insert_rows(database, "commits", [commit_row("H26", 1)])
        with Front(tmp_path, first.port):
            insert_rows(database, "commits", [commit_row("H26", 1)])
            assert database.query("SELECT agency FROM commits ORDER BY agency") == [("H25",), ("H26",)]


def test_an_answer_without_a_code_is_not_clickhouse_and_can_be_asked_again(front: Front) -> None:
    with served_database(front) as database:
        front.fail(seconds=60, match="SELECT 1", code=-1)
        with pytest.raises(EngineUnavailable, match="does not answer"):
            database.query("SELECT 1")
        front.fail(seconds=0)


def test_a_database_without_tables_says_what_to_do(front: Front) -> None:
    with Database(front.url(new_name())) as database, pytest.raises(QueryRefused, match="run emc migrate"):
        database.query("SELECT count() FROM rates")


def test_nobody_there_is_unavailable() -> None:
    with pytest.raises(EngineUnavailable, match=r"ClickHouse at 127\.0\.0\.1:1 does not answer"):
        Database("http://127.0.0.1:1/emc").query("SELECT 1")


def test_a_url_of_another_form_is_a_setting_error_without_the_password() -> None:
    with pytest.raises(SettingError) as refused:
        Database("tcp://user:secret@host:9000/emc")
    assert "expected http://host:port/database" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_directory_held_by_another_process_is_said_so(tmp_path: Path) -> None:
    with Front(tmp_path), pytest.raises(DataDirectoryError, match="is held by another process"):
        Database(tmp_path).query("SELECT 1")


def test_inserts_leave_no_files_behind(tmp_path: Path, database: Database) -> None:
    scratch = Path(database.place) / "inserts"
    insert_rows(database, "commits", [commit_row("H25", 1)])
    with pytest.raises(QueryRefused):
        insert_rows(database, "commits", [commit_row("H25", 1) | {"agency": 5}])
    assert list(scratch.iterdir()) == []


def test_a_directory_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataDirectoryError, match="cannot be written"):
        Database(tmp_path / "file")
