"""What people read at a terminal is in Vietnamese where that is asked for; what programs read is not."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from cli import printing
from cli.main import emc
from cli.tables import Table
from cli.texts import texts
from emc import settings
from emc.translation import PLACE, TERMINAL, Language, speaker, translations
from emc.verdicts import Rejected
from sinks.imports.meanings import WARNINGS
from sinks.queries.reasons import NO_ENTRY_WORDS, WORDS
from tests.cli.processes import complaint, done
from tests.contract.all_vectors import VECTORS
from tests.contract.test_vectors import verdicts

speak = speaker(Language.VI, at_terminal=True)


@pytest.fixture
def vietnamese(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A terminal at which Vietnamese is read."""
    caches = (printing.language, settings.current)
    monkeypatch.setenv("EMC_LANG", "vi")
    for each in caches:
        each.cache_clear()
    yield
    monkeypatch.delenv("EMC_LANG")
    for each in caches:
        each.cache_clear()


def test_every_text_is_translated_and_none_is_left_over() -> None:
    known = translations(TERMINAL)
    assert len(known) > 700
    assert set(known) == texts(), "run: python -m cli.texts, then fill emc/locale/terminal.vi.po"


def test_translations_keep_what_is_put_in() -> None:
    def places(text: str) -> list[str]:
        return sorted(PLACE.findall(text))

    wrong = {text: said for text, said in translations(TERMINAL).items() if places(text) != places(said)}
    assert wrong == {}


@pytest.mark.parametrize("name", VECTORS)
def test_every_refusal_of_the_contract_is_told_in_vietnamese(name: str) -> None:
    found = verdicts(VECTORS[name])
    for verdict in [found] if isinstance(found, Rejected) else found:
        if isinstance(verdict, Rejected):
            told = speak(verdict.detail)
            assert "expected" not in told, verdict.detail
            assert set(told) & set("ầộượạảấếđ"), told


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("metric is 'x', expected one of a, b; did you mean 'a'?",
         "metric là 'x', cần một trong a, b; có phải là 'a'?"),
        ("12 rows, 10 would be sent, 2 refused: 9 new, 1 changed, 0 unchanged",
         "12 dòng, sẽ gửi 10, từ chối 2: 9 mới, 1 thay đổi, 0 không đổi"),
        ("export.csv, line 3, column channel", "export.csv, dòng 3, cột channel"),
        ("expected one of direct, online, postal", "cần một trong direct, online, postal"),
        ("Rates by month, 2024-03-01", "Tỷ lệ theo tháng, 2024-03-01"),
        ("received", "đã tiếp nhận"),
        ("definition is 'received', expected one of channel",
         "definition là 'received', cần một trong channel"),
        ("H42", "H42"),
        ("header.csv holds no rows", "header.csv không có dòng nào"),
        ("of what nobody wrote rows", "of what nobody wrote rows"),
        ("x.csv: there is no column 'dossier': is its first line the columns' names?"
         " `emc mapping suggest` drafts a mapping",
         "x.csv: không có cột 'dossier': dòng đầu có phải tên các cột không?"
         " `emc mapping suggest` soạn nháp bảng ánh xạ"),
        ("expected a time: ISO 8601; found a spreadsheet's day number: format the column as"
         " dd/MM/yyyy HH:mm:ss before saving it as CSV",
         "cần một thời điểm: ISO 8601; gặp số ngày của bảng tính: định dạng cột là"
         " dd/MM/yyyy HH:mm:ss trước khi lưu thành CSV"),
        ("x.csv cannot be read: No such file or directory",
         "không đọc được x.csv: không có tệp hoặc thư mục này"),
        ("1 row of 1 agency compared, 0 different, agencies unsettled: 0.",
         "Đã so sánh 1 dòng của 1 cơ quan, 0 khác, cơ quan chưa ổn định: 0."),
        ("12 rows of 3 agencies compared, 0 different, agencies unsettled: 0.",
         "Đã so sánh 12 dòng của 3 cơ quan, 0 khác, cơ quan chưa ổn định: 0."),
        ("12 partitions, 1 copy of each; no leader for partition 3, 4",
         "12 phân vùng, mỗi phân vùng 1 bản sao; không có leader cho phân vùng 3, 4"),
        ("5 messages not yet in the rates", "5 thông điệp chưa tính vào tỷ lệ"),
        ("waiting: Kafka at 127.0.0.1:9092 does not answer (timeout)",
         "đang chờ: Kafka tại 127.0.0.1:9092 không trả lời (timeout)"),
        ("x.csv is not UTF-8; it looks like windows-1258: say --encoding windows-1258",
         "x.csv không ở dạng UTF-8; có vẻ là windows-1258: ghi --encoding windows-1258"),
        ("dates has 'xx': expected a form as dd/MM/yyyy HH:mm:ss or %d/%m/%Y %H:%M:%S, or excel",
         "dates có 'xx': cần một dạng như dd/MM/yyyy HH:mm:ss hoặc %d/%m/%Y %H:%M:%S, hoặc excel"),
        ("line 4: received_at is not usable, expected a date as 2026-03-31, or RFC 3339 with offset",
         "dòng 4: received_at không dùng được, cần một ngày như 2026-03-31, hoặc RFC 3339 có độ lệch giờ"),
        ("arrived 5 min ago", "đến cách đây 5 phút"),
        ("the token is wrong, has expired or was revoked", "mã truy cập sai, đã hết hạn hoặc đã bị thu hồi"),
        ("Port 8000 is taken: the API gets another one, told below.",
         "Cổng 8000 đã bị chiếm: API dùng cổng khác, ghi bên dưới."),
    ],
)  # fmt: skip
def test_sentences_with_values(sentence: str, told: str) -> None:
    assert speak(sentence) == told


def test_reasons_and_warnings_are_told_whole(vietnamese: None) -> None:
    for words in (word for pair in WORDS.values() for word in pair):
        assert printing.because(words) != words
    joined = ", ".join(pair[1] for pair in WORDS.values())
    told = printing.because(joined)
    assert not [word for pair in WORDS.values() for word in pair if word in told]
    told = printing.because(f"{NO_ENTRY_WORDS}, it has no electronic result")
    assert told == "chưa có dữ liệu: danh mục không có thủ tục này vào ngày đó, không có kết quả điện tử"
    assert [meaning for meaning in WARNINGS.values() if speak(meaning) == meaning] == []


def test_headings_numbers_and_titles(vietnamese: None, capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("Imports", ("Rows", "Agency"))
    table.add_row(printing.count(11_000), printing.percent(0.501, 1))
    table.show()
    assert capsys.readouterr().out == "Các lần nhập\nDòng\tCơ quan\n11.000\t50,1 %\n"


@pytest.mark.parametrize("command", [(), ("import",), ("rejections", "list"), ("mapping",)])
def test_help_is_in_vietnamese(command: tuple[str, ...], vietnamese: None) -> None:
    told = CliRunner().invoke(emc, [*command, "--help"]).output
    assert told.startswith("Cách dùng: ")
    assert "Hiện hướng dẫn này rồi thoát." in told
    english = ("Usage", "Options", "Examples", "Show ", "default:", " the ", "Import FILES")
    assert [word for word in english if word in told] == []


def test_errors_are_in_the_language_of_the_terminal() -> None:
    assert complaint("definitions", "x", code=2, EMC_LANG="vi").startswith(
        "emc: metric là 'x', cần một trong "
    )
    assert complaint("definitions", "x", code=2, LANG="vi_VN.UTF-8", LC_ALL="").startswith("emc: metric là")
    assert complaint("definitions", "x", code=2, EMC_LANG="en").startswith(
        "emc: metric is 'x', expected one of "
    )
    wrong = complaint("version", code=2, EMC_LANG="fr")
    assert "EMC_LANG is 'fr', expected one of vi, en" in wrong


def test_what_programs_read_is_the_same_in_both() -> None:
    for form in (("--json",), ("--format", "csv")):
        english, vietnamese = (done("definitions", *form, EMC_LANG=language) for language in ("en", "vi"))
        assert english == vietnamese
