"""The developer's hour (connecting.md) and the officer's (importing.md), as printed, in both languages."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.installed.conftest import Installed
from tests.installed.hours import Hour
from tests.installed.pages import blocks, commands


class Said(NamedTuple):
    """What a command prints in English and in Vietnamese, as patterns, and its exit code."""

    en: str
    vi: str
    code: int = 0


DEVELOPER = (
    Said(r"\taccepted\t.*^1 accepted, 0 refused", r"\tchấp nhận\t.*^chấp nhận 1, từ chối 0"),
    Said(r'"accepted":1', r'"accepted":1'),
    Said(r"^Dossier H25\.16-240305-0007 of H25\n.*^What holds:.*\ta component was reused",
         r"^Hồ sơ H25\.16-240305-0007 của H25\n.*^Trạng thái hiện tại:.*\tcó thành phần dùng lại dữ liệu"),
    Said(r"^data_reuse \(received\)\tH25 [^\t]+\t1\t1\t100\.00 %",
         r"^data_reuse \(received\)\tH25 [^\t]+\t1\t1\t100,00 %"),
    Said(r"^$", r"^$"),
    Said(r"\trefused\tinvalid\t\$\.data\.channel\texpected one of direct, online, postal$",
         r"\ttừ chối\tinvalid\t\$\.data\.channel\tcần một trong direct, online, postal$", 1),
    Said(r'"rejected":1', r'"rejected":1'),
    Said(r"^1\tinvalid\t\$\.data\.channel\texpected one of",
         r"^1\tinvalid\t\$\.data\.channel\tcần một trong"),
    Said(r"^\d+:\d+:0\tH25\.16-240305-0007\tinvalid\t", r"^\d+:\d+:0\tH25\.16-240305-0007\tinvalid\t"),
    Said(r"^1 event sent again, 0 still refused\.", r"^đã gửi lại 1 sự kiện, 0 vẫn bị từ chối\."),
)  # fmt: skip
REFUSED = Said(
    r"^hoso\.csv, line 3, column Ngày tiếp nhận: expected a time: there is no such day in that month\n",
    r"^hoso\.csv, dòng 3, cột Ngày tiếp nhận: cần một thời điểm: tháng đó không có ngày này\n", 1,
)  # fmt: skip
OFFICER = (
    Said(r"^$", r"^$"),
    Said(r"^map\.toml can be used with hoso\.csv\.", r"^map\.toml dùng được với hoso\.csv\."),
    Said(REFUSED.en + r".*^2 rows, 1 would be sent, 1 refused: 1 new, 0 changed, 0 unchanged",
         REFUSED.vi + r".*^2 dòng, sẽ gửi 1, từ chối 1: 1 mới, 0 thay đổi, 0 không đổi", 1),
    Said(REFUSED.en + r".*^2 rows, 1 sent, 1 refused: 1 new,.*^Refused rows are in mend\.csv",
         REFUSED.vi + r".*^2 dòng, đã gửi 1, từ chối 1: 1 mới,.*^Các dòng bị từ chối ở trong mend\.csv", 1),
    Said(r"^Id\tWhen\t.*\thoso\.csv\t[^\n]*\t2\t1\t0\t0\t1$",
         r"^Mã\tKhi nào\t.*\thoso\.csv\t[^\n]*\t2\t1\t0\t0\t1$"),
    Said(r"^$", r"^$"),
    Said(r"^1 row, 1 sent, 0 refused: 1 new, 0 changed",
         r"^1 dòng, đã gửi 1, từ chối 0: 1 mới, 0 thay đổi"),
    Said(r"^1 row, 1 sent, 0 refused: 0 new, 0 changed, 1 unch",
         r"^1 dòng, đã gửi 1, từ chối 0: 0 mới, 0 thay đổi, 1 "),
    Said(r"^Dossier H25-260305-0008 of H25\n.*\t4, in process\t",
         r"^Hồ sơ H25-260305-0008 của H25\n.*\t4, đang xử lý\t"),
    Said(r"\tcode_date_differs\t1\tH25-260305-0008\tthe date in the code is not the day of receipt$",
         r"\tcode_date_differs\t1\tH25-260305-0008\tngày trong mã không phải ngày tiếp nhận$"),
)  # fmt: skip


@pytest.fixture(scope="module", params=["en", "vi"])
def hour(
    request: pytest.FixtureRequest, installed: Installed, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hour]:
    """A new service in a folder of its own, for people who read that language."""
    here = Installed(installed.place, tmp_path_factory.mktemp(request.param))
    here.environment |= {"EMC_LANG": request.param}
    started = Hour(here, "emc up --data-dir data")
    try:
        yield started
    finally:
        started.kill()


def walk(hour: Hour, page: str, heading: str, said: tuple[Said, ...]) -> None:
    """Runs each command under a heading, as printed."""
    printed = [each for each in commands(page) if each.heading == heading]
    assert len(printed) == len(said)
    for each, expected in zip(printed, said, strict=True):
        pattern = expected.en if hour.language == "en" else expected.vi
        hour.check(each.command, pattern, expected.code)
        hour.settle()


def write(hour: Hour, name: str, page: str, language: str, heading: str) -> None:
    """The first block of that language under a heading, as a file."""
    text = next(text for at, text in blocks(page, language) if at.startswith(heading))
    (Path(hour.folder) / name).write_text(text, encoding="utf-8")


@pytest.mark.timeout(600)
def test_the_developers_hour(hour: Hour) -> None:
    write(hour, "event.json", "connecting.md", "json", "Sending events")
    walk(hour, "connecting.md", "A first hour", DEVELOPER)


@pytest.mark.timeout(600)
def test_the_officers_hour(hour: Hour) -> None:
    write(hour, "hoso.csv", "importing.md", "csv", "An hour with an export")
    walk(hour, "importing.md", "An hour with an export", OFFICER)
