"""Files as offices have them: workbooks, compressed ones, other encodings, marks of spreadsheets."""

import codecs
import dataclasses
import gzip
import io
import tomllib
import unicodedata
import zipfile
from pathlib import Path
from typing import Any, Literal

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emc.agencies import TrackingSite
from emc.errors import InputError
from emc.registry import Registry
from producers.importing import JudgedRow, JudgedRows
from producers.importing.kinds import PROCEDURES
from producers.importing.mapping import read_mapping
from producers.importing.readers import ReadingOptions
from tests.producers.importing.kept import AS_OF, REGISTRY, Monitor, request, take

SHEET: list[list[Any]] = [
    ["dossier", "channel", "received_at", "status"],
    ["H25-260305-0001", "online", 46086.354166666664, 4],
    ["H25-260305-0002", "fax", 46086.395833333336, 4],
]
CSV = "dossier,channel\nH25-260305-0001,online\nH25-260305-0002,fax\n"
DATA = Path(__file__).parent / "data"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "export"


def rows_of(path: Path, form: str, **more: Any) -> tuple[JudgedRows, list[JudgedRow]]:
    rows = JudgedRows(request(path, form, **more))
    return rows, list(rows)


def told(rows: list[JudgedRow]) -> list[tuple[int, str | None, str]]:
    return [(one.line, one.column, one.reason) for row in rows for one in row.refusals]


def archive(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as into:
        for name, text in files.items():
            into.writestr(name, text)
    return path


def xlsx(path: Path, sheet: list[list[Any]], name: str = "Hồ sơ") -> Path:
    """A workbook of one sheet; numbers in the third column bear the format of a date."""

    def cell(n: int, value: Any) -> str:
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        return f'<c s="{1 if n == 2 else 0}"><v>{value}</v></c>'

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    data = "".join(
        f"<row>{''.join(cell(n, value) for n, value in enumerate(cells))}</row>" for cells in sheet
    )
    return archive(
        path,
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{links}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{links}"><sheets>'
            f'<sheet name="{name}" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship '
            f'Id="r1" Type="{links}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" '
            f'Type="{links}/styles" Target="styles.xml"/></Relationships>',
            "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/>'
            "</cellXfs></styleSheet>",
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{data}</sheetData>'
            "</worksheet>",
        },
    )


def ods(path: Path) -> Path:
    name = "urn:oasis:names:tc:opendocument:xmlns"

    def cell(n: int, value: Any) -> str:
        if n == 2 and not isinstance(value, str):
            moment = "2026-03-05T08:30:00" if value == SHEET[1][2] else "2026-03-05T09:30:00"
            return f'<table:table-cell office:value-type="date" office:date-value="{moment}"/>'
        if isinstance(value, str):
            return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'

    rows = "".join(
        f"<table:table-row>{''.join(cell(n, value) for n, value in enumerate(cells))}</table:table-row>"
        for cells in SHEET
    )
    spaces = "".join(f' xmlns:{one}="{name}:{one}:1.0"' for one in ("office", "table", "text"))
    content = (
        f"<office:document-content{spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="S">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    listed = f'<m:manifest xmlns:m="{name}:manifest:1.0"/>'
    return archive(path, {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": listed})


@pytest.mark.parametrize("form", ["xlsx", "ods", "xls"])
def test_a_workbook_with_real_dates(path: Path, form: str) -> None:
    if form == "xls":
        path = DATA / "export.xls"
    else:
        xlsx(path, SHEET) if form == "xlsx" else ods(path)
    _, rows = rows_of(path, form)
    first = rows[0].judged
    assert first
    assert first.accepted
    assert first.accepted.fields["received_at"] == 1_772_674_200_000_000  # 2026-03-05 08:30 in Hà Nội
    assert told(rows) == [(3, "channel", "expected one of direct, online, postal")]


def test_titles_above_the_columns_of_a_workbook_are_passed_over_and_told(path: Path) -> None:
    xlsx(path, [["UBND TỈNH HÀ NAM"], ["BÁO CÁO", "Tháng 3"], *SHEET])
    rows, found = rows_of(path, "xlsx")
    assert told(found) == [(5, "channel", "expected one of direct, online, postal")]
    assert rows.report.remarks == [f"of {path}, line 3 names the columns; nothing is read from above it"]


def test_a_sheet_is_chosen_and_a_workbook_of_another_kind_told(path: Path) -> None:
    xlsx(path, SHEET)
    with pytest.raises(InputError, match="has no sheet 'Tháng 3', expected one of Hồ sơ"):
        rows_of(path, "xlsx", options=ReadingOptions(sheet="Tháng 3"))
    xlsx(path, [])
    with pytest.raises(InputError, match="is empty"):
        rows_of(path, "xlsx")
    path.write_bytes(b"PK\x03\x04 XXX")
    with pytest.raises(InputError, match="is not a workbook"):
        rows_of(path, "xlsx")


def test_records_may_come_as_a_table(path: Path) -> None:
    head = ["MaHoSo", "KenhThucHien", "NgayTiepNhan", "TrangThaiHoSo", "ChuHoSo", "NgayTra"]
    xlsx(path, [head, ["H25-260305-0001", "2", 46086.354166666664, "done", "XXX", ""]])
    rows, (row,) = rows_of(path, "dossier-sync")
    assert row.judged
    assert row.judged.accepted
    assert row.judged.accepted.fields == {
        "channel": "online",
        "received_at": 1_772_674_200_000_000,
        "status": 10,
    }
    assert rows.report.unused_columns == ["ChuHoSo"]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_what_is_compressed_is_unpacked(path: Path, pack: Any) -> None:
    path.write_bytes(pack(CSV.encode()))
    _, rows = rows_of(path, "csv")
    assert told(rows) == [(3, "channel", "expected one of direct, online, postal")]
    path.write_bytes(pack(CSV.encode())[:-6])
    with pytest.raises(InputError, match="compressed and cannot be unpacked"):
        rows_of(path, "csv")


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(CSV.encode()))))
    _, rows = rows_of(Path("-"), "csv")
    assert [row.file for row in rows] == ["standard input"] * 2


NAMED = 'dossier = "Mã hồ sơ"\ncolumns.channel = "Kênh"\nvalues.channel."Trực tuyến" = "online"'
MAPPING, DECOMPOSED = (
    read_mapping(tomllib.loads(unicodedata.normalize(form, NAMED))) for form in ("NFC", "NFD")
)
VIETNAMESE = "Mã hồ sơ,Kênh\nH25-260305-0001,Trực tuyến\nH25-260305-0002,khác\n"


def cp1258(text: str) -> bytes:
    """As Windows writes it: the tone behind its letter."""
    found = bytearray()
    for letter in unicodedata.normalize("NFC", text):
        try:
            found += letter.encode("cp1258")
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", letter)
            tone = next(one for one in parts if one in "\u0300\u0301\u0303\u0309\u0323")
            found += unicodedata.normalize("NFC", parts.replace(tone, "")).encode("cp1258")
            found += tone.encode("cp1258")
    return bytes(found)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (VIETNAMESE.encode(), "auto"),
        (VIETNAMESE.encode("utf-8-sig"), "auto"),
        (unicodedata.normalize("NFD", VIETNAMESE).encode(), None),
        (VIETNAMESE.encode("utf-16"), "auto"),
        (VIETNAMESE.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + VIETNAMESE.encode("utf-16-be"), "auto"),
        (VIETNAMESE.encode("utf-16-le"), "utf-16-le"),
        (cp1258(VIETNAMESE), "windows-1258"),
        (cp1258(VIETNAMESE), "auto"),
    ],
)
def test_names_and_values_are_the_same_in_every_encoding(
    path: Path, content: bytes, encoding: str | None
) -> None:
    path.write_bytes(content)
    rows, found = rows_of(path, "csv", mapping=MAPPING, options=ReadingOptions(encoding=encoding))
    assert found[0].judged
    assert found[0].judged.accepted
    assert found[0].judged.accepted.fields == {"channel": "online"}
    assert [row.refusals[0].column for row in found[1:]] == ["Kênh"]
    is_guessed = encoding == "auto" and b"\xe1\xbb" not in content
    assert bool(rows.report.remarks) == is_guessed


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_decomposed_mapping_names_the_same(path: Path, form: Literal["NFC", "NFD"]) -> None:
    path.write_text(unicodedata.normalize(form, VIETNAMESE), encoding="utf-8")
    _, found = rows_of(path, "csv", mapping=DECOMPOSED)
    assert found[0].judged
    assert found[0].judged.accepted
    assert found[0].judged.accepted.fields == {"channel": "online"}


def test_utf_8_with_its_mark_is_read_whatever_encoding_was_said(path: Path) -> None:
    path.write_bytes(VIETNAMESE.encode("utf-8-sig"))
    _, found = rows_of(path, "csv", mapping=MAPPING, options=ReadingOptions(encoding="windows-1258"))
    assert found[0].judged
    assert found[0].judged.accepted


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (VIETNAMESE.encode("utf-16"), "is UTF-16 text: save it as UTF-8, or say --encoding utf-16"),
        (cp1258(VIETNAMESE), "is not UTF-8; it looks like windows-1258: say --encoding windows-1258"),
    ],
)
def test_another_encoding_is_refused_with_the_remedy(path: Path, content: bytes, remedy: str) -> None:
    path.write_bytes(content)
    with pytest.raises(InputError, match=remedy):
        rows_of(path, "csv", mapping=MAPPING)


def test_rows_that_are_not_utf_8_are_refused_alone_and_the_guess_is_told(path: Path) -> None:
    path.write_bytes(b"dossier,channel,note\n" + cp1258("H25-260305-0001,online,Trực tuyến\nx,Trực tuyến,\n"))
    rows, found = rows_of(path, "csv")
    assert told(found) == [(3, None, "expected UTF-8")]
    assert "say --encoding windows-1258" in rows.report.remarks[0]


def test_an_encoding_that_does_not_fit_or_exist_is_told(path: Path) -> None:
    path.write_bytes(cp1258(VIETNAMESE))
    with pytest.raises(InputError, match=r"is not utf-16: its bytes do not fit"):
        rows_of(path, "csv", mapping=MAPPING, options=ReadingOptions(encoding="utf-16"))
    with pytest.raises(InputError, match="encoding is 'klingon', expected auto"):
        rows_of(path, "csv", options=ReadingOptions(encoding="klingon"))


def test_a_spreadsheets_line_sep_is_refused_unless_a_delimiter_is_asked_for(path: Path) -> None:
    path.write_text("sep=;\ndossier;channel\nH25-260305-0001;online\nH25-260305-0002;fax\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"sep=; and no column's name: say --delimiter ';'"):
        rows_of(path, "csv")
    for delimiter in (";", "semicolon", "auto"):
        _, found = rows_of(path, "csv", options=ReadingOptions(delimiter=delimiter))
        assert told(found) == [(4, "channel", "expected one of direct, online, postal")]


@pytest.mark.parametrize("head", ["sep=", "sep=\n", "sep=x", "SEP=\r\n"])
def test_a_line_that_names_no_delimiter_is_a_header(path: Path, head: str) -> None:
    path.write_text(head, encoding="utf-8")
    with pytest.raises(InputError, match="there is no column 'dossier'"):
        rows_of(path, "csv", options=ReadingOptions(delimiter="auto"))
    with pytest.raises(InputError, match="delimiter is '--', expected auto"):
        rows_of(path, "csv", options=ReadingOptions(delimiter="--"))


@pytest.mark.parametrize(
    ("cell", "told_as"),
    [
        ("45357.354166667", "a spreadsheet's day number"),
        ("31/02/2024", "no such day"),
        ("2023-02-29", "no such day"),
        ("3/13/2024", "no such month"),
        ("soon", "expected a time: ISO 8601 or dd/MM/yyyy"),
    ],
)
def test_a_date_says_what_is_wrong_with_it(path: Path, cell: str, told_as: str) -> None:
    path.write_text(f"dossier,received_at\nH25-260305-0001,{cell}\n", encoding="utf-8")
    _, found = rows_of(path, "csv", mapping=read_mapping({"dates": ["dd/MM/yyyy"]}))
    ((line, column, reason),) = told(found)
    assert (line, column) == (2, "received_at")
    assert told_as in reason


def test_a_spreadsheets_day_number_is_read_when_the_mapping_says_so(path: Path) -> None:
    path.write_text("dossier,received_at\nH25-260305-0001,46086.354166666664\n", encoding="utf-8")
    monitor = Monitor()
    take(monitor, path, mapping=read_mapping({"dates": ["excel"]}))
    assert monitor.held["H25-260305-0001"][0][2] == {"received_at": 1_772_674_200_000_000}


@pytest.mark.parametrize(("form", "text"), [("csv", "dossier,channel\n"), ("dossier-sync", "[]")])
def test_a_file_without_rows_is_told(path: Path, form: str, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    rows, _ = rows_of(path, form)
    assert rows.report.remarks == [f"{path} holds no rows"]


def test_every_fault_of_a_row_is_told_and_alike_ones_are_one_cause(path: Path) -> None:
    lines = "".join(f"H25-260305-{n:04},fax,44,x\n" for n in range(1, 1001))
    path.write_text("dossier,channel,status,received_at\n" + lines, encoding="utf-8")
    rows, _ = rows_of(path, "csv")
    causes = list(rows.report.causes.values())
    assert {cause.column for cause in causes} == {"channel", "status", "received_at"}
    assert [cause.count for cause in causes] == [1000] * 3
    assert [one.line for one in causes[0].examples] == [2, 3, 4]
    assert (rows.report.rows, rows.report.refused) == (1000, 1000)


def test_catalogues_and_declarations(path: Path) -> None:
    path.write_text(
        "Mã,Mức độ,Từ ngày\n1.000001,Toàn trình,01/03/2026\nXXX,Một phần,\n1.000002,?,01/03/2026\n",
        encoding="utf-8",
    )
    mapping = read_mapping(
        {
            "procedure": "Mã",
            "dates": ["dd/MM/yyyy"],
            "columns": {"service_level": "Mức độ", "valid_from": "Từ ngày"},
            "values": {"service_level": {"Toàn trình": "full", "Một phần": "partial"}},
        },
        PROCEDURES,
    )
    _, found = rows_of(path, "csv", mapping=mapping, kind="procedures")
    assert found[0].judged
    assert found[0].judged.accepted
    assert (found[0].judged.accepted.valid_from, found[0].judged.accepted.fields) == (
        "2026-03-01",
        {"service_level": "full"},
    )
    assert [(line, column) for line, column, _ in told(found)] == [(3, "Mã"), (4, "Mức độ")]
    path.write_text("day,received,resolved\n2026-03-05,120,90.0\n05/03/2026,1,\n", encoding="utf-8")
    _, found = rows_of(path, "csv", kind="declarations")
    assert found[0].judged
    assert found[0].judged.accepted
    assert found[0].judged.accepted.fields == {"received": 120, "resolved": 90}
    assert [column for _, column, _ in told(found)] == ["day"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["csv", "xlsx", "emc-tracking", "dossier-sync", "parquet"]))
def test_whatever_the_bytes_are_rows_or_one_sentence_come_out(path: Path, content: bytes, form: str) -> None:
    path.write_bytes(content)
    try:
        rows, found = rows_of(path, form, options=ReadingOptions(encoding="auto", delimiter="auto"))
    except InputError:
        return
    assert rows.report.rows == len(found) == rows.report.sent + rows.report.refused


MESSAGES = """\
siteId=7&maHoSo=H25-260305-0001&status=1&formsReception=1&user=XXX
siteId=7&maHoSo=H25-260305-0001&status=1
siteId=8&maHoSo=H25-260305-0002&status=1
siteId=99&maHoSo=H25-260305-0003&nameTTHC=A & B&status=3&level=4
"""


def test_tracking_messages_in_a_file_are_dated_by_it_and_another_agencys_site_is_refused(path: Path) -> None:
    path.write_text(MESSAGES, encoding="utf-8")
    sites = [TrackingSite("7", "H25", "x"), TrackingSite("8", "H44", "x")]
    known = Registry(REGISTRY.agencies.values(), (), sites)
    asked = dataclasses.replace(request(path, "emc-tracking"), registry=known)
    found = list(JudgedRows(asked))
    assert told(found) == [(3, "siteId", "expected a site of the agency that reports")]
    held = [row.judged.accepted.fields for row in found if row.judged and row.judged.accepted]
    assert held == [
        {"status": 2, "received_at": AS_OF, "channel": "online"},
        {"status": 2},
        {"status": 10, "resolved_at": AS_OF, "returned_at": AS_OF, "claimed_level": "full"},
    ]


def test_a_table_of_tracking_messages_may_say_when_each_came(path: Path) -> None:
    path.write_text("maHoSo,status,time\nH25-260305-0001,1,2026-03-05T08:00:00+07:00\nH25-260305-0002,1,x\n")
    _, found = rows_of(path, "emc-tracking")
    assert found[0].judged
    assert found[0].judged.accepted
    assert found[0].judged.accepted.fields["received_at"] == found[0].judged.accepted.time
    assert [(line, column) for line, column, _ in told(found)] == [(3, "time")]
