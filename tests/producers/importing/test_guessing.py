"""Formats told by what files hold, and pipes read as files."""

import os
import threading
from pathlib import Path

import pytest

from emc.errors import InputError
from producers.importing.guessing import form_of
from tests.producers.importing.kept import Monitor, take

ROW = "dossier,channel\nH25-260305-0001,online\n"


@pytest.mark.parametrize(
    ("start", "name", "form"),
    [
        (b"PK\x03\x04", "export.xlsx", "xlsx"),
        (b"PK\x03\x04", "export.ods", "ods"),
        (b"\xd0\xcf\x11\xe0", "export", "xls"),
        (b"PAR1", "export", "parquet"),
        (b'[{"MaHoSo": "x"}]', "export.json", "dossier-sync"),
        (b"MaHoSo;MaTTHC\n", "export.csv", "dossier-sync"),
        (b"maHoSo=x&formsReception=1\n", "messages.txt", "emc-tracking"),
        (b'{"codeProfile": "x", "formsReception": 1}\n', "messages", "emc-tracking"),
        (b'{"dossier": "x"}\n', "export.txt", "jsonl"),
        (b"\xef\xbb\xbfa;b\n", "standard input", "csv"),
        ("a\tb\n".encode("utf-16"), "export", "csv"),
        (b"dossier\n", "export.csv.gz", "csv"),
        (b"dossier\n", "export", None),
        (b"", "export", "csv"),  # which is told to be empty
        (b"\x7fELF\0", "export.csv", None),
    ],
)
def test_a_format_is_told_by_the_first_bytes_and_the_ending(
    start: bytes, name: str, form: str | None
) -> None:
    assert form_of(start, name) == form


def test_what_takes_a_mapping_is_a_table() -> None:
    assert form_of(b"MaHoSo;MaTTHC\n", "export.csv", is_table=True) == "csv"
    assert form_of(b'[{"MaHoSo": "x"}]', "export.json", is_table=True) == "jsonl"


def test_the_format_is_said_and_asked_for_only_where_nothing_tells_it(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(ROW, encoding="utf-8")
    found = take(Monitor(), path, "auto")
    assert (found.report.sent, found.report.remarks) == (
        1,
        ["The format is csv, as the content tells; --format names another one."],
    )
    (tmp_path / "export").write_bytes(b"\0\1")
    with pytest.raises(InputError, match="say --format, one of dossier-sync"):
        take(Monitor(), tmp_path / "export", "auto")


def test_a_pipe_is_read_like_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(ROW, "utf-8"))
    writer.start()
    found = take(Monitor(), pipe, "auto")
    writer.join()
    assert found.report.sent == 1
