"""Whole imports into a sender that keeps what it is given."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emc.contract import judge
from emc.errors import InputError
from emc.instants import HOUR, now_us, parse_instant
from emc.registry import load_registry
from emc.statuses import ALL_IN_WORDS
from emc.verdicts import Accepted
from producers.importing import ImportReport, Progress, Refusal, import_files
from producers.importing.mapping import FileMapping, read_mapping

REGISTRY = load_registry()
AS_OF = parse_instant("2024-04-01T00:00:00+07:00")


class Kept:
    """Keeps what it is given, and judges it as the stream will."""

    def __init__(self) -> None:
        self.events: list[bytes] = []
        self.accepted: list[Accepted] = []
        self.flushed = False

    def send(self, agency: str, event: Mapping[str, Any] | bytes) -> None:
        assert isinstance(event, bytes)
        verdict = judge(event, agency.encode(), now_us(), REGISTRY)
        assert isinstance(verdict, Accepted), verdict
        assert verdict.agency == agency
        self.accepted.append(verdict)
        self.events.append(event)
        self.flushed = False

    def flush(self) -> None:
        self.flushed = True


def run(
    *paths: Path,
    form: str = "csv",
    agency: str = "H25",
    mapping: FileMapping | Path | None = None,
    as_of: int | None = AS_OF,
) -> tuple[Kept, ImportReport]:
    kept = Kept()
    report = import_files(paths, agency, form, client=kept, registry=REGISTRY, mapping=mapping, as_of=as_of)
    assert kept.flushed
    assert report.rows == report.sent + report.refused
    assert report.sent == len(kept.events)
    return kept, report


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


def told(report: ImportReport) -> list[tuple[int, str | None, str]]:
    return [(one.line, one.column, one.reason) for one in report.refusals]


STATUS = f"expected a status, as a number or a word of the source's: {ALL_IN_WORDS}"
CSV = """\
dossier,channel,status,received_at,identified,note
H25-240305-0001,online,4,2024-03-05T08:00:00+07:00,true,XXX
H25-240305-0002,fax,4,2024-03-05T08:00:00+07:00,true,XXX
XXX,online,4,2024-03-05T08:00:00+07:00,true,XXX
H25-240305-0003,online,44,2024-03-05T08:00:00+07:00,true,XXX
H25-240305-0004,,,2024-03-05 08:00,,XXX
H44-240305-0005,online,4,2024-03-05T08:00:00+07:00,true,XXX
H25-240305-0006,online,4,2024-03-05T08:00:00+07:00,XXX,XXX
H25-240305-0007,online,4,1924-03-05T08:00:00+07:00,true,XXX
"""


def test_good_rows_are_sent_broken_ones_listed_with_line_column_and_reason(path: Path) -> None:
    kept, report = run(written(path, CSV))
    assert [one.subject for one in kept.accepted] == ["H25-240305-0001", "H25-240305-0004"]
    assert told(report) == [
        (3, "channel", "expected one of direct, online, postal"),
        (4, "dossier", "expected a dossier code: {agency identifier}-{YYMMDD or YYYYMMDD}-{4 to 12 digits}"),
        (5, "status", STATUS),
        (7, "dossier", "expected a dossier of the agency, or of one that it succeeds"),
        (8, "identified", "expected true or false, 1 or 0, yes or no"),
        (9, "received_at", "expected RFC 3339 with offset, from 2000-01-01 to 2100-01-01"),
    ]
    assert report.unused_columns == ["note"]
    assert report.sent_by_agency == {"H25": 2}
    assert "XXX" not in repr(report)


def test_an_event_says_who_when_and_which_row(path: Path) -> None:
    kept, _ = run(written(path, CSV))
    event = msgspec.json.decode(kept.events[1])
    number, _, digest = event.pop("id").partition("-")
    assert (number, len(digest)) == ("000000000005", 16)
    assert event == {
        "specversion": "1.0",
        "source": "/agencies/H25/import",
        "type": "vn.emc.dossier.v1",
        "subject": "H25-240305-0004",
        "time": "2024-03-31T17:00:00.000000Z",
        "data": {
            "channel": None,
            "status": None,
            "received_at": "2024-03-05T08:00:00+07:00",
            "identified": None,
        },
    }


def test_importing_twice_sends_the_very_same_events(path: Path) -> None:
    written(path, CSV)
    os.utime(path, (1_711_900_000, 1_711_900_000))
    first, _ = run(path, as_of=None)
    second, _ = run(path, as_of=None)
    assert first.events == second.events
    assert first.accepted[0].time == 1_711_900_000_000_000


def test_of_two_rows_of_one_dossier_the_later_has_the_greater_id(tmp_path: Path) -> None:
    rows = "\n".join(f"H25-240305-0001,{n % 10 + 1}" for n in range(1200))
    first = written(tmp_path / "a", f"dossier,status\n{rows}\n")
    second = written(tmp_path / "b", "dossier,status\nH25-240305-0001,9\n")
    kept, _ = run(first, second)
    stamps = [(one.time, one.id.encode()) for one in kept.accepted]
    assert stamps == sorted(stamps)
    assert len(set(stamps)) == 1201


def test_a_later_export_wins_and_only_changed_rows_differ(path: Path) -> None:
    before, _ = run(written(path, CSV))
    after, _ = run(written(path, CSV.replace("0001,online", "0001,postal")), as_of=AS_OF + HOUR)
    assert all(old.time < new.time for old, new in zip(before.accepted, after.accepted, strict=True))
    changed = [
        new.subject
        for old, new in zip(before.accepted, after.accepted, strict=True)
        if old.fields != new.fields
    ]
    assert changed == ["H25-240305-0001"]


def test_what_is_dropped_leaves_no_trace_in_the_event(path: Path) -> None:
    record = {"MaHoSo": "H25-240305-0001", "TrangThaiHoSo": 4}
    plain, _ = run(written(path, msgspec.json.encode(record)), form="dossier-sync")
    person = record | {"ChuHoSo": "XXX", "LoaiDinhDanh": 1, "DiaChi": "XXX", "Email": "XXX"}
    named, report = run(written(path, msgspec.json.encode(person)), form="dossier-sync")
    assert named.events == plain.events
    assert report.unknown_fields == {"DiaChi": 1, "Email": 1}


def test_a_successor_imports_dossiers_of_the_agency_it_succeeded(path: Path) -> None:
    closed = next(one for one in REGISTRY.agencies.values() if one.successor)
    written(path, f"dossier,status\n{closed.code}-240305-0001,4\n")
    kept, report = run(path, agency=REGISTRY.current(closed.code))
    assert kept.accepted[0].agency == closed.code
    assert kept.accepted[0].source == f"/agencies/{REGISTRY.current(closed.code)}/import"
    assert report.sent_by_agency == {closed.code: 1}


def test_a_dossier_sync_file_of_a_thousand_records_with_broken_ones(path: Path) -> None:
    records: list[object] = [
        {"MaHoSo": f"H25-240305-{n:04d}", "TrangThaiHoSo": "4", "NgayTiepNhan": "20240305080000"}
        for n in range(1000)
    ]
    records[10] = {"MaHoSo": "H25-240305-0010", "kenhthuchien": "7"}
    records[20] = {"maHoSo": "XXX"}
    records[30] = 5
    records[40] = {"MaHoSo": "H25-240305-0010", "DuocThanhToanTrucTuyen": 11}
    for separator, start, end in (("\n", "", ""), (",\n", "[\n", "\n]")):
        body = separator.join(msgspec.json.encode(one).decode() for one in records)
        kept, report = run(written(path, start + body + end), form="dossier-sync")
        assert (report.rows, report.sent, report.refused) == (1000, 996, 4)
        first = 1 if not start else 2
        assert [(line - first, column) for line, column, _ in told(report)] == [
            (10, "kenhthuchien"),
            (20, "maHoSo"),
            (30, None),
            (40, "DuocThanhToanTrucTuyen"),
        ]
        assert kept.accepted[0].fields == {"status": 4, "received_at": parse_instant("2024-03-05T01:00:00Z")}


def test_json_lines_bear_the_contracts_names(path: Path) -> None:
    lines = [
        {"dossier": "H25-240305-0001", "components": [{"code": "A", "digitised": True}], "note": "XXX"},
        {"dossier": "H25-240305-0002", "status": None},
        {"status": 4},
        {"dossier": "H25-240305-0003", "components": [{"name": "XXX"}]},
        {"dossier": "H25-240305-0004", "components": [{"code": "A", "XXX": True}]},
        {"dossier": "H25-240305-0004", "status": 10**30},
        {"dossier": ["H25"]},
    ]
    kept, report = run(written(path, b"\n".join(map(msgspec.json.encode, lines[:5]))), form="jsonl")
    assert [one.fields for one in kept.accepted] == [
        {"components": [{"code": "A", "digitised": True}]},
        {"status": None},
    ]
    assert [(line, column) for line, column, _ in told(report)] == [
        (3, "dossier"),
        (4, "components"),
        (5, "components"),
    ]
    assert report.unknown_fields == {"note": 1}
    _, report = run(written(path, b"\n".join(map(msgspec.json.encode, [lines[0], lines[6]]))), form="jsonl")
    assert [(line, column) for line, column, _ in told(report)] == [(2, "dossier")]


def test_numbers_beyond_json_are_refused_as_a_row(path: Path) -> None:
    number = "1" + "0" * 40
    written(path, f'{{"dossier": "H25-240305-0001", "status": {number}}}\n{{"dossier": "H25-240305-0002"}}\n')
    kept, report = run(path, form="jsonl")
    assert [one.subject for one in kept.accepted] == ["H25-240305-0002"]
    assert [line for line, _, _ in told(report)] == [1]


@pytest.mark.parametrize("levels", [100, 900, 5000])
def test_lists_of_many_levels_end_nothing(path: Path, levels: int) -> None:
    nested = "[" * levels + "]" * levels
    lines = [
        f'{{"MaHoSo": "H25-240305-0001", "{name}": {nested}}}'
        for name in ("NgayTra", "Gia", "DanhSachTaiLieuNop")
    ]
    _, report = run(written(path, "\n".join([*lines, '{"MaHoSo": "H25-240305-0002"}'])), form="dossier-sync")
    assert report.rows == 4
    assert report.sent >= 1


def test_parquet_keeps_its_types(path: Path) -> None:
    moment = datetime(2024, 3, 5, 1, tzinfo=UTC)
    table = arrow.table(
        {
            "dossier": [f"H25-240305-{n:04d}" for n in range(3)],
            "received_at": arrow.array([moment, None, moment], arrow.timestamp("ns", "UTC")),
            "due_at": arrow.array([moment.date()] * 3, arrow.date32()),
            "status": arrow.array([4.0, None, float("nan")]),
            "identified": [True, None, False],
            "channel": arrow.array(["online", None, "fax"]).dictionary_encode(),
            "components": [[{"code": "A", "digitised": True, "reused": None}], None, []],
            "note": [Decimal("1.5")] * 3,
        }
    )
    parquet.write_table(table, path)
    kept, report = run(path, form="parquet")
    instant = parse_instant("2024-03-05T01:00:00Z")
    assert kept.accepted[0].fields == {
        "channel": "online",
        "status": 4,
        "received_at": instant,
        "due_at": parse_instant("2024-03-05T00:00:00+07:00"),
        "components": [{"code": "A", "digitised": True}],
        "identified": True,
    }
    assert set(kept.accepted[1].fields.values()) == {None, parse_instant("2024-03-05T00:00:00+07:00")}
    assert told(report) == [(3, "channel", "expected one of direct, online, postal")]
    assert report.unused_columns == ["note"]


def test_a_time_beyond_pythons_is_one_refused_row(path: Path) -> None:
    """The year 9999 stands for "never"; in a zone east of Greenwich its last day is in the year 10000."""
    never = arrow.array([datetime(9999, 12, 31, 23), datetime(2024, 3, 9)], arrow.timestamp("us"))  # noqa: DTZ001
    zoned = never.cast(arrow.timestamp("us", "UTC")).cast(arrow.timestamp("us", "Asia/Ho_Chi_Minh"))
    parquet.write_table(
        arrow.table({"dossier": ["H25-240305-0001", "H25-240305-0002"], "due_at": zoned}), path
    )
    kept, report = run(path, form="parquet")
    assert [one.subject for one in kept.accepted] == ["H25-240305-0002"]
    assert [(line, column) for line, column, _ in told(report)] == [(1, "due_at")]


def test_csv_as_spreadsheets_write_it(path: Path) -> None:
    text = '\ufeffcode;state;text\r\n\r\nH25-240305-0001;4;"a;b\r\n""c"""\r\nH25-240305-0002;x;\r\n'
    mapping = read_mapping({"dossier": "code", "columns": {"status": "state"}})
    kept, report = run(written(path, text), mapping=mapping)
    assert [one.subject for one in kept.accepted] == ["H25-240305-0001"]
    assert told(report) == [(5, "state", STATUS)]


def test_lines_that_are_no_rows_are_refused_alone(path: Path) -> None:
    text = (
        b"dossier,status\n"
        b"H25-240305-0001,4,5\n"
        b"H25-240305-0002,\xff\n"
        b'"H25-240305-0003"x,4\n'
        b"H25-240305-0004,4\n"
        b'H25-240305-0005,"4\n'
        b"H25-240305-0006,4\n"
    )
    kept, report = run(written(path, text))
    assert [one.subject for one in kept.accepted] == ["H25-240305-0004"]
    assert told(report) == [
        (2, None, "expected 2 cells as in the header, found 3"),
        (3, None, "expected UTF-8"),
        (4, None, "a quoted cell is followed by other text: double the quotes inside a cell"),
        (6, None, "a quoted cell does not end (lines 6 to 7)"),
    ]


@pytest.mark.parametrize(
    ("form", "content", "expected"),
    [
        ("csv", b"", "is empty"),
        ("csv", b" \n\n", "is empty"),
        ("csv", b"PK\x03\x04xxxx", "is a workbook or another archive: import it with format xlsx"),
        ("csv", "dossier,status\n".encode("utf-16"), "is UTF-16 text: save it as UTF-8"),
        ("csv", b"dossier,\xe1\n", "is not UTF-8"),
        ("csv", b"dossier,x\0y\n", "is no text file"),
        ("csv", b"status,x\n", "there is no column 'dossier'"),
        ("csv", b"dossier,x\n", "no column bears a name of the contract"),
        ("csv", b"dossier,status,status\n", "has 2 columns named 'status'"),
        ("csv", b'"dossier,status\n', "has no readable header"),
        ("csv", b"PAR1xxxx", "is a Parquet file: import it with format parquet"),
        ("jsonl", b"dossier,status\n", "is not JSON: expected an object"),
        ("dossier-sync", b"PAR1xxxx", "is a Parquet file"),
        ("parquet", b"dossier,status\n", "is not a Parquet file"),
        ("parquet", b"", "is not a Parquet file"),
    ],
)
def test_a_file_of_another_kind_is_one_clear_sentence(
    path: Path, form: str, content: bytes, expected: str
) -> None:
    with pytest.raises(InputError) as caught:
        run(written(path, content), form=form)
    assert expected in str(caught.value)
    assert str(path) in str(caught.value)


def test_requests_that_make_no_sense_are_refused(path: Path) -> None:
    written(path, CSV)
    with pytest.raises(InputError, match="none cannot be read: No such file or directory"):
        run(path.parent / "none")
    with pytest.raises(InputError, match="is no file, expected one with rows or records"):
        run(path.parent)
    with pytest.raises(InputError, match="agency is 'H99'"):
        run(path, agency="H99")
    with pytest.raises(InputError, match="format is 'xml'"):
        run(path, form="xml")
    with pytest.raises(InputError, match="takes no mapping"):
        run(path, form="dossier-sync", mapping=FileMapping())
    with pytest.raises(InputError, match="in the future: say with --as-of"):
        run(path, as_of=now_us() + 2 * HOUR)


def test_nothing_is_sent_when_one_of_the_files_cannot_be_read(tmp_path: Path) -> None:
    kept = Kept()
    with pytest.raises(InputError):
        import_files(
            [written(tmp_path / "a", CSV), tmp_path / "b"], "H25", "csv", client=kept, registry=REGISTRY
        )
    assert kept.events == []


def test_only_a_thousand_names_of_unknown_fields_are_kept(path: Path) -> None:
    record = {"MaHoSo": "H25-240305-0001"} | dict.fromkeys((f"x{n}" for n in range(1200)), 1)
    _, report = run(written(path, msgspec.json.encode(record)), form="dossier-sync")
    assert len(report.unknown_fields) == 1001
    assert report.unknown_fields.total() == 1200


def test_progress_runs_to_the_end_of_all_files_and_refusals_are_told_at_once(tmp_path: Path) -> None:
    rows = "".join(f"H25-240305-{n:04d},{n % 12}\n" for n in range(3000))
    paths = [written(tmp_path / name, "dossier,status\n" + rows) for name in ("a", "b")]
    progress: list[Progress] = []
    refusals: list[Refusal] = []
    report = import_files(
        paths,
        "H25",
        "csv",
        client=Kept(),
        registry=REGISTRY,
        as_of=AS_OF,
        on_progress=progress.append,
        on_refusal=refusals.append,
    )
    assert [one.done for one in progress] == sorted(one.done for one in progress)
    assert progress[-1].done == progress[-1].total == sum(one.stat().st_size for one in paths)
    assert len(progress) > 10
    assert refusals == report.refusals
    assert report.refused == 1000


def test_only_the_first_refusals_are_kept_but_all_are_counted(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("producers.importing.report.KEPT_REFUSALS", 3)
    _, report = run(written(path, "dossier,status\n" + "XXX,4\n" * 10))
    assert (len(report.refusals), report.refused) == (3, 10)


CELLS = st.text(max_size=12) | st.sampled_from(
    ["H25-240305-0001", "4", "online", "2024-03-05", '"', ",", "\r", "\n"]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=300)
    | st.lists(CELLS).map(lambda cells: ",".join(cells).encode("utf-8", "surrogatepass"))
)
def test_whatever_a_csv_file_holds_every_row_is_sent_or_refused(path: Path, content: bytes) -> None:
    run(written(path, b"dossier,channel,status,received_at\nH25-240305-0009,online,4,2024-03-05\n" + content))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["jsonl", "dossier-sync"]),
    st.binary(max_size=300),
    st.sampled_from([b"", b"\n", b"[", b","]),
)
def test_whatever_a_json_file_holds_every_row_is_sent_or_refused(
    path: Path, form: str, content: bytes, between: bytes
) -> None:
    start = b'{"dossier": "H25-240305-0001", "MaHoSo": "H25-240305-0001"}\n'
    run(written(path, start + between + content), form=form)


def test_large_files_are_read_in_pieces(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("producers.importing.json_text.CHUNK", 64 * 1024)
    record = {"MaHoSo": "H25-240305-0001", "TrangThaiHoSo": 4, "ChuHoSo": "XXX" * 100}
    body = b",".join([msgspec.json.encode(record)] * 12_000)
    _, report = run(written(path, b"[" + body + b"]"), form="dossier-sync")
    assert report.sent == 12_000
