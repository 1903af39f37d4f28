"""Uploads without pages: what lies there, what work on them does, and what is left of them."""

import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emc.errors import InputError
from emc.instants import parse_instant
from emc.registry import load_registry
from portal.errors import NotFound, TooManyRequests
from portal.uploads.room import Uploads
from portal.uploads.row_reports import report_lines
from portal.uploads.spool import KEPT, MOST, Spool
from portal.uploads.upload import Stage, Upload
from producers.importing.mapping import WrongMapping
from producers.source_words import SourceTable
from sinks.clickhouse.database import Database
from sinks.queries.reader import Reader
from tests.engine import embedded_database
from tests.portal.uploads.keeping import CSV, Post
from tests.sinks.history import Said, write_history
from tests.waiting import eventually

KEYS: dict[str, Any] = {
    "trim": True,
    "dates": ["dd/MM/yyyy HH:mm"],
    "dossier": "Mã hồ sơ",
    "columns": {"channel": "Kênh", "received_at": "Ngày nhận", "status": "Trạng thái"},
    "values": {"channel": {"Trực tuyến": "online", "Trực tiếp": "direct"}, "status": {"Đang xử lý": 4}},
}


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def database() -> Iterator[Database]:
    with embedded_database() as made:
        yield made


@pytest.fixture
def room(tmp_path: Path, post: Post) -> Iterator[Uploads]:
    made = room_at(tmp_path, post)
    yield made
    made.close()


def room_at(root: Path, post: Post) -> Uploads:
    connect: Any = lambda: post  # noqa: E731
    return Uploads(Spool(root / "uploads", 1024**2), load_registry(), SourceTable(), connect)


def added(room: Uploads, text: str = CSV, name: str = "tháng 3.csv", form: str = "auto") -> Upload:
    folder = room.spool.begin("H25")
    with folder.open_new(folder.file) as file:
        file.write(text.encode())
    return room.add(folder, name, "dossiers", form)


def looked(room: Uploads, upload: Upload, database: Database) -> Upload:
    room.look(upload, Reader(database, load_registry()), [])
    eventually(lambda: not upload.stage.is_work)
    return upload


def test_a_file_is_mapped_looked_through_and_sent(room: Uploads, post: Post, database: Database) -> None:
    upload = added(room)
    assert [column.name for column in upload.columns][:2] == ["Mã hồ sơ", "Kênh"]
    assert upload.keys is not None
    assert upload.keys["dossier"] == "Mã hồ sơ"
    room.choose(upload, KEYS, None)
    rows = room.preview(upload)
    assert [(row.line, row.subject, len(row.refusals)) for row in rows] == [
        (2, "H25-240305-0001", 0), (3, "H25-240305-0002", 0), (4, "", 2),
    ]  # fmt: skip
    assert rows[0].fields["channel"] == "online"
    looked(room, upload, database)
    assert (upload.stage, upload.problem) == (Stage.LOOKED, "")
    assert upload.outcome is not None
    counts = upload.outcome.counts
    assert (counts.rows, counts.sent, counts.refused, counts.new) == (3, 2, 1, 2)
    online = [move for move in upload.outcome.moves if move.place.metric == "online_submission"]
    assert (online[0].before, online[0].after) == ((0, 0), (1, 2))
    assert {cause.column for cause in upload.outcome.causes} == {"Ngày nhận", "Trạng thái"}
    assert upload.outcome.unused == ["Họ tên"]
    assert post.sent == []
    folder = room.folder(upload.id, "H25")
    room.send(upload, is_forced=False)
    eventually(lambda: upload.stage is Stage.DONE)
    assert [agency for agency, _ in post.sent] == ["H25", "H25"]
    assert not folder.file.exists()
    (kept,) = Reader(database, load_registry()).imports("H25")
    assert (kept["id"], kept["files"], kept["sent"]) == (upload.import_id, ["tháng 3.csv"], 2)


def test_the_reports_have_every_fault_and_no_value(room: Uploads, database: Database) -> None:
    upload = added(room)
    room.choose(upload, KEYS, None)
    looked(room, upload, database)
    folder = room.folder(upload.id, "H25")
    text = b"".join(report_lines(folder.refusals, ["Line", "Record", "Column", "Wrong"], str)).decode()
    lines = text.removeprefix("\ufeff").splitlines()
    assert [line.split(",")[0] for line in lines] == ["Line", "4", "4"]
    assert "Ngày nhận" in lines[1]
    assert "35/03" not in text
    mend = folder.mend.read_text("utf-8")
    assert "emc_reason" in mend
    assert "35/03/2024 09:00" in mend, "what is to be mended"
    assert "Chi" not in mend, "of a column that nothing is read from"


def test_nobody_else_reads_what_lies_there(room: Uploads, database: Database) -> None:
    upload = looked(room, added(room), database)
    folder = room.folder(upload.id, None)
    assert {stat.S_IMODE(each.stat().st_mode) for each in folder.path.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    with pytest.raises(NotFound):
        room.find(upload.id, "H26")
    assert room.of("H26") == []


def test_an_older_export_is_not_sent_unless_it_is_meant(
    room: Uploads, post: Post, database: Database
) -> None:
    said = [
        Said("dossier", "H25-240305-0001", parse_instant("2024-04-01T00:00:00+07:00"), "1", {
            "status": 9, "resolved_at": parse_instant("2024-03-20T00:00:00+07:00"),
        })
    ]  # fmt: skip
    write_history(database, "H25", said)
    upload = added(room)
    room.choose(upload, {**KEYS, "constants": {"resolved_at": ""}}, None)
    looked(room, upload, database)
    assert upload.outcome is not None
    assert "would be open again" in upload.outcome.undoes
    with pytest.raises(InputError, match="older export"):
        room.send(upload, is_forced=False)
    room.send(upload, is_forced=True)
    eventually(lambda: upload.stage is Stage.DONE)
    assert len(post.sent) == 2


def test_what_goes_wrong_is_told_and_can_be_tried_again(
    room: Uploads, post: Post, database: Database
) -> None:
    upload = added(room)
    with pytest.raises(WrongMapping, match="nonsense"):
        room.choose(upload, {"columns": {"nonsense": "Kênh"}}, None)
    looked(room, upload, database)
    assert "nonsense" in upload.problem
    with pytest.raises(InputError, match="looked through first"):
        room.send(upload, is_forced=False)
    room.choose(upload, KEYS, None)
    looked(room, upload, database)
    assert upload.problem == ""

    def fail() -> None:
        raise InputError("the broker is away")

    post.gate = fail
    room.send(upload, is_forced=False)
    eventually(lambda: not upload.stage.is_work)
    assert (upload.stage, upload.problem) == (Stage.WAITING, "the broker is away")
    assert room.folder(upload.id, None).file.exists()


def test_a_service_that_ends_loses_nothing_but_the_work(
    tmp_path: Path, post: Post, database: Database
) -> None:
    first = room_at(tmp_path, post)
    upload = added(first)
    first.choose(upload, KEYS, None)
    looked(first, upload, database)
    first.close()
    second = room_at(tmp_path, post)
    (again,) = second.of("H25")
    assert (again.id, again.stage, again.keys) == (upload.id, Stage.WAITING, KEYS)
    assert "repeats are harmless" in again.problem
    looked(second, again, database)
    second.send(again, is_forced=False)
    eventually(lambda: again.stage is Stage.DONE)
    second.close()


def test_what_is_a_day_old_is_gone_and_too_many_are_refused(room: Uploads) -> None:
    uploads = [added(room) for _ in range(MOST)]
    with pytest.raises(TooManyRequests, match="5 uploads"):
        room.spool.begin("H25")
    room.drop(uploads[0])
    room.spool.begin("H26")
    room.sweep(time.time() + KEPT - 60)
    assert len(room.of(None)) == MOST - 1
    room.sweep(time.time() + KEPT + 60)
    assert (room.of(None), list(room.spool.folders())) == ([], [])


@pytest.mark.parametrize(
    ("text", "name", "form", "found"),
    [
        ('[{"MaHoSo": "H25-240305-0001", "KenhThucHien": 1}]', "a.json", "auto", "dossier-sync"),
        ('{"dossier": "H25-240305-0001", "channel": "online"}\n', "a.json", "auto", "jsonl"),
        ("dossier,channel\nH25-240305-0001,online\n", "a.txt", "auto", "csv"),
        ("MaHoSo,MaTTHC,KenhThucHien\nH25-240305-0001,1.000001,2\n", "a.csv", "auto", "dossier-sync"),
        ("MaHoSo,MaTTHC,KenhThucHien\nH25-240305-0001,1.000001,2\n", "a.csv", "csv", "csv"),
    ],
)
def test_the_format_is_seen(room: Uploads, text: str, name: str, form: str, found: str) -> None:
    assert added(room, text, name, form).given.form == found


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "empty"), ("PK\x03\x04 no archive", "not a workbook"), ("\x1f\x8b", "unpack it first")],
)
def test_what_cannot_be_used_is_told_at_once(room: Uploads, text: str, said: str) -> None:
    folder = room.spool.begin("H25")
    with folder.open_new(folder.file) as file:
        file.write(text.encode("latin-1"))
    with pytest.raises(InputError, match=said):
        room.add(folder, "x", "dossiers", "auto")


def test_a_column_chosen_anew_gets_the_meanings_that_are_known(room: Uploads) -> None:
    upload = added(room)
    chosen = {**KEYS, "columns": {"received_at": "Ngày nhận"}, "values": {}}
    room.choose(upload, chosen, None)
    room.choose(upload, {**chosen, "columns": {"received_at": "Ngày nhận", "channel": "Kênh"}}, None)
    assert upload.keys is not None
    assert upload.keys["values"] == {"channel": {"Trực tuyến": "online", "Trực tiếp": "direct"}}
    room.choose(upload, {**upload.keys, "values": {"channel": {"Trực tuyến": "online"}}}, None)
    assert upload.keys["values"] == {"channel": {"Trực tuyến": "online"}}, "what somebody chose stays"
