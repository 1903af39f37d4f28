"""Mappings drafted from files: they can be used as they are, and say where a person must decide."""

import tomllib
import unicodedata
from pathlib import Path

import pytest

from emc.errors import InputError
from producers.importing.checking import unread_dates
from producers.importing.kinds import DOSSIERS, KINDS, PROCEDURES
from producers.importing.mapping import WrongMapping, read_mapping
from producers.importing.opening import open_input
from producers.importing.readers import open_table
from producers.importing.suggesting import suggest
from producers.importing.table_reader import TableReader
from producers.source_words import load_source_words
from tests.producers.importing.kept import Monitor, take

EXPORT = """\
Mã hồ sơ;Kênh tiếp nhận;Trạng thái;Ngày tiếp nhận;Họ và tên;Số giấy tờ
H25-260305-0001;Trực tuyến;Đang xử lý;05/03/2026 08:00;XXX;123456789
H25-260306-0002;Bưu chính;Đã trả kết quả;06/03/2026 09:30;XXX;123456780
H25-260306-0003;Máy fax;Kỳ lạ;;XXX;
"""
WORDS = load_source_words().of("H25", "import")


def drafted(path: Path, text: str, kind: str = "dossiers") -> str:
    path.write_text(text, encoding="utf-8")
    return suggest(open_table(open_input(path), "csv", lambda columns: columns), WORDS, KINDS[kind])


def test_a_draft_reads_what_it_knows_and_asks_for_the_rest(tmp_path: Path) -> None:
    draft = drafted(tmp_path / "export.csv", EXPORT)
    assert "XXX" not in draft
    assert "123456789" not in draft
    assert '# decide: "Máy fax" = direct, online, postal' in draft
    assert '# decide: "Kỳ lạ" = 1 newly registered, 2 received, 3 not accepted, 4 in process' in draft
    assert '# nothing is read from "Họ và tên", "Số giấy tờ"' in draft
    monitor = Monitor()
    found = take(monitor, tmp_path / "export.csv", mapping=read_mapping(tomllib.loads(draft)))
    assert (found.report.sent, found.report.refused) == (2, 1)
    held = monitor.held["H25-260306-0002"][0][2]
    assert (held["channel"], held["status"]) == ("postal", 10)
    assert held["received_at"] == 1_772_764_200_000_000  # 2026-03-06 09:30 in Hà Nội


def test_without_a_code_the_draft_says_what_to_decide(tmp_path: Path) -> None:
    draft = drafted(tmp_path / "export.csv", "STT,Ngày nộp\n1,2026-03-05\n")
    assert "# decide: no column looks like the dossier's code" in draft
    assert read_mapping(tomllib.loads(draft)).columns == {"submitted_at": "Ngày nộp"}


@pytest.mark.parametrize(
    ("one", "other", "form", "asked"),
    [
        ("05/11/26", "13/11/26", "dd/MM/yy", True),
        ("ngày 05 tháng 11 năm 2026", "Ngày 13 tháng 11 năm 2026", "ngày dd tháng MM năm yyyy", False),
    ],
)
def test_short_years_and_dates_in_words_are_drafted_and_read(
    tmp_path: Path, one: str, other: str, form: str, asked: bool
) -> None:
    text = f"Mã hồ sơ,Ngày tiếp nhận\nH25-261105-0001,{one}\nH25-261113-0002,{other}\n"
    draft = drafted(tmp_path / "export.csv", text)
    assert f'dates = ["{form}"]' in draft
    assert ('decide: "Ngày tiếp nhận" has years of two digits' in draft) is asked
    monitor, decomposed = Monitor(), unicodedata.normalize("NFD", text)
    (tmp_path / "export.csv").write_text(decomposed, encoding="utf-8")
    take(monitor, tmp_path / "export.csv", mapping=read_mapping(tomllib.loads(draft)))
    held = [each[0][2]["received_at"] for each in monitor.held.values()]
    assert held == [1_793_811_600_000_000, 1_794_502_800_000_000]  # 2026-11-05 and -13 in Hà Nội


def test_a_draft_without_the_end_of_dossiers_says_what_that_costs(tmp_path: Path) -> None:
    text = "Mã hồ sơ,Trạng thái,Ngày trả\nH25-260305-0001,Đã trả kết quả,06/03/2026\n"
    draft = drafted(tmp_path / "export.csv", text)
    assert "# no column is resolved_at" in draft
    assert '# if "Ngày trả" is that day, add resolved_at = "Ngày trả"' in draft
    mended = draft.replace("[columns]", '[columns]\nresolved_at = "Ngày trả"')
    columns = read_mapping(tomllib.loads(mended)).columns or {}
    assert columns["resolved_at"] == "Ngày trả"


def test_a_catalogue_is_drafted_too(tmp_path: Path) -> None:
    text = "Mã TTHC,Tên thủ tục,Mức độ\n1.000001,A,Toàn trình\n1.000002,B,Một phần\n"
    draft = drafted(tmp_path / "catalogue.csv", text, "procedures")
    mapping = read_mapping(tomllib.loads(draft), PROCEDURES)
    assert mapping.subject == "Mã TTHC"
    assert mapping.values["service_level"] == {"Toàn trình": "full", "Một phần": "partial"}


@pytest.mark.parametrize(
    ("cells", "forms", "said", "unread"),
    [
        (
            ("16/05/2026", "31/02/2026"),
            ["dd/MM/yyyy"],
            '# day first: the first number is above 12 in "Ngày nộp"',
            0,
        ),
        (("05/16/2026", "05/04/2026"), ["MM/dd/yyyy"], "# month first: the second number is above 12", 0),
        (("5/16/2026", "05/04/2026"), ["MM/dd/yyyy"], '# decide: "Ngày nộp" has both 05 and 5', 0),
        (("5/16/2026 8:30 AM", "5/4/2026 11:05 PM"), ["MM/dd/yyyy hh:mm tt"], "# month first:", 0),
        (("05/04/2026", "06/04/2026"), ["dd/MM/yyyy"], "# decide: no number above 12 tells", 0),
        (("16/05/2026", "05/16/2026"), ["dd/MM/yyyy"], "here the day first", 1),
        (("08:30 16/05/2026", ""), ["HH:mm dd/MM/yyyy"], "# day first:", 0),
        (("16-5-2026 08:30:00.250", ""), ["dd-MM-yyyy HH:mm:ss.SSS"], "# day first:", 0),
        (("20260516083000", "20260516"), ["yyyyMMddHHmmss", "yyyyMMdd"], "as seen", 0),
        (("2026-05-16", "16 tháng 5"), [], '# decide: 1 of 2 values of "Ngày nộp" are in no form', 1),
    ],
)
def test_a_draft_says_which_form_dates_have_and_why(
    tmp_path: Path, cells: tuple[str, ...], forms: list[str], said: str, unread: int
) -> None:
    rows = "".join(f"H25-260305-000{n},{cell}\n" for n, cell in enumerate(cells))
    draft = drafted(tmp_path / "export.csv", f"Mã hồ sơ,Ngày nộp\n{rows}")
    assert said in draft
    assert tomllib.loads(draft).get("dates", []) == forms
    reader = TableReader(read_mapping(tomllib.loads(draft)), "H25")
    table = open_table(open_input(tmp_path / "export.csv"), "csv", reader.wanted)
    assert len(list(unread_dates(table, reader, DOSSIERS))) == unread


def test_a_column_follows_the_order_of_the_others_and_is_asked_about_where_that_is_rare(
    tmp_path: Path,
) -> None:
    for first, mark in (("16/05/2026", "# nothing"), ("05/16/2026", "# decide: nothing")):
        text = f"Mã hồ sơ,Ngày nộp,Ngày trả\nH25-260305-0001,{first},05/04/2026\n"
        assert f'{mark} tells the order in "Ngày trả"' in drafted(tmp_path / "export.csv", text)


def test_every_fault_of_a_mapping_is_told_at_once() -> None:
    given = {
        "zone": 5,
        "trimm": True,
        "dates": ["ngày/tháng", "xx"],
        "columns": {"channel": "x", "chanel": "y"},
        "values": {"channel": {"A": "onlin"}, "status": {}},
    }
    with pytest.raises(WrongMapping) as caught:
        read_mapping(given)
    told = "\n".join(caught.value.faults)
    for fault in (
        "zone is 5",
        "'trimm'",
        "dates has 'xx'",
        "'chanel'",
        "is 'onlin'",
        "[values.status] is empty",
    ):
        assert fault in told
    assert isinstance(caught.value, InputError)
