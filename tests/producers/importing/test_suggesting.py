"""Mappings drafted from files: they can be used as they are, and say where a person must decide."""

import tomllib
from pathlib import Path

import pytest

from emc.errors import InputError
from producers.importing.kinds import KINDS, PROCEDURES
from producers.importing.mapping import WrongMapping, read_mapping
from producers.importing.opening import open_input
from producers.importing.readers import open_table
from producers.importing.suggesting import suggest
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
    assert '# decide: nothing is read from "Họ và tên", "Số giấy tờ"' in draft
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


def test_a_catalogue_is_drafted_too(tmp_path: Path) -> None:
    text = "Mã TTHC,Tên thủ tục,Mức độ\n1.000001,A,Toàn trình\n1.000002,B,Một phần\n"
    draft = drafted(tmp_path / "catalogue.csv", text, "procedures")
    mapping = read_mapping(tomllib.loads(draft), PROCEDURES)
    assert mapping.subject == "Mã TTHC"
    assert mapping.values["service_level"] == {"Toàn trình": "full", "Một phần": "partial"}


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
