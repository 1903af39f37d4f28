"""Uploading on a page: an officer's file from choosing to sending, and what nobody else gets to see of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from emc.access import Scope
from emc.registry import load_registry
from portal.access.entrance import Entrance
from portal.api import create_app
from portal.pages.routes import add_pages
from portal.uploads.room import Uploads
from portal.uploads.spool import Spool
from producers.source_words import SourceTable
from sinks.clickhouse.database import Database
from sinks.queries.reader import Reader
from tests.engine import embedded_database
from tests.portal.serving import TOKENS, served, token_of
from tests.portal.uploads.keeping import CSV, Post
from tests.producers.importing.test_formats import SHEET, ods, xlsx
from tests.waiting import eventually

UPLOADING = (Scope.EVENTS_WRITE, Scope.RATES_READ, Scope.DOSSIERS_READ)
MAPPING = {
    "subject": "column:Mã hồ sơ",
    "field.channel": "column:Kênh",
    "of.channel": "Kênh",
    "cell.channel.0": "Trực tuyến",
    "meaning.channel.0": "online",
    "cell.channel.1": "Trực tiếp",
    "meaning.channel.1": "direct",
    "field.received_at": "column:Ngày nhận",
    "field.status": "constant:2",
    "dates": "dd/MM/yyyy HH:mm",
    "empty": "null",
}
HEALTH: dict[str, Any] = {
    "status": "ok", "lag": 0, "waiting_for": None, "audit": None, "broken_sources": [], "warnings": [],
}  # fmt: skip


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """Empty tables."""
    with embedded_database() as made:
        yield made


@pytest.fixture
def post() -> Post:
    """What is sent."""
    return Post()


@pytest.fixture
def room(tmp_path: Path, post: Post) -> Iterator[Uploads]:
    """A room that takes files of 64 KB."""
    connect: Any = lambda: post  # noqa: E731
    made = Uploads(Spool(tmp_path / "uploads", 64 * 1024), load_registry(), SourceTable(), connect)
    yield made
    made.close()


@pytest.fixture
def entrance(database: Database) -> Entrance:
    return Entrance(Reader(database, load_registry()), TOKENS)


@pytest.fixture
def address(entrance: Entrance, room: Uploads) -> Iterator[str]:
    """The pages, behind tokens."""
    app = create_app(entrance, lambda: HEALTH)
    add_pages(app, entrance.guard, lambda: HEALTH, None, room)
    with served(app) as client:
        yield str(client.base_url)


@contextmanager
def officer(address: str, database: Database, agency: str = "H25") -> Iterator["Officer"]:
    """Somebody of an agency, signed in."""
    with httpx.Client(base_url=address, headers={"accept": "text/html"}, follow_redirects=True) as browser:
        token = token_of(database, agency, *UPLOADING)
        assert browser.post("/sign-in", data={"token": token, "next": "/upload"}).status_code == 200
        yield Officer(browser)


class Officer:
    """What a person does in a browser without scripts."""

    def __init__(self, browser: httpx.Client) -> None:
        self.browser = browser

    def page(self, path: str) -> str:
        """A page, which is there."""
        answer = self.browser.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def csrf(self) -> str:
        """What a form brings back."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.page("/upload"))
        assert found is not None
        return found[1]

    def upload(self, content: str | bytes = CSV, name: str = "tháng 3.csv", **fields: str) -> httpx.Response:
        """Chooses a file and uploads it."""
        body = content if isinstance(content, bytes) else content.encode()
        files = {"file": (name, body, "application/octet-stream")}
        return self.browser.post("/upload", data={"csrf": self.csrf(), **fields}, files=files)

    def act(self, path: str, do: str, **fields: str) -> str:
        """Presses a button of a form; the page that follows, once nothing goes on any more."""
        form = {"csrf": self.csrf(), "do": do, **fields}
        answer = self.browser.post(path, data=form)
        assert answer.status_code == 200, answer.text
        eventually(lambda: "data-poll" not in self.page(path))
        return self.page(path)


def test_a_file_goes_from_choosing_to_sent(
    address: str, database: Database, post: Post, entrance: Entrance
) -> None:
    with officer(address, database) as one:
        answer = one.upload()
        path = answer.url.path
        assert 'value="column:Mã hồ sơ" selected' in answer.text, "drafted as the command drafts it"
        assert "Chi" not in answer.text, "nothing of a column that is not mapped"
        shown = one.act(path, "preview", **MAPPING)
        assert shown.count("H25-240305-000") == 2
        assert "phải là thời điểm: không có tháng này" in shown or "phải là thời điểm: tháng đó" in shown
        looked = one.act(path, "look", **MAPPING)
        assert "2 trong 3 dòng sẽ được tính, 1 dòng bị từ chối" in looked
        assert "Các tỷ lệ thay đổi" in looked
        assert "0 / 0" in looked
        assert post.sent == []
        done = one.act(path, "send")
        assert "đã gửi 2 dòng" in done
        assert [agency for agency, _ in post.sent] == ["H25", "H25"]
        report = one.browser.get(f"{path}/report.csv")
        assert report.headers["content-disposition"].startswith("attachment")
        assert "Dòng,Bản ghi,Cột,Lỗi" in report.text
        assert "4,,Ngày nhận," in report.text
        assert "35/03" in one.browser.get(f"{path}/mend.csv").text
        assert "tháng 3.csv" in one.page("/upload")
    entrance.record.flush()
    rows = database.query(
        "SELECT what, agency, route, reason FROM access_record FINAL WHERE what = 'uploaded'"
    )
    assert set(rows) == {("uploaded", "H25", "/upload", ""), ("uploaded", "H25", "/upload/{id}", "sent")}


def test_a_mapping_is_saved_and_used_again_by_its_agency_only(address: str, database: Database) -> None:
    with officer(address, database) as one:
        first = one.upload().url.path
        one.act(first, "preview", **MAPPING, name="Một cửa")
        second = one.upload(name="tháng 4.csv").url.path
        assert "<option>Một cửa</option>" in one.page(second)
        shown = one.act(second, "use", saved="Một cửa")
        assert 'value="constant:2" selected' in shown
    with officer(address, database, "H26") as other:
        assert "Một cửa" not in other.page(other.upload(CSV.replace("H25", "H26")).url.path)


def test_nothing_is_taken_without_the_pages_own_value(
    address: str, database: Database, room: Uploads
) -> None:
    with officer(address, database) as one:
        files = {"file": ("a.csv", CSV.encode(), "text/csv")}
        assert one.browser.post("/upload", data={"csrf": "wrong"}, files=files).status_code == 403
        assert one.browser.post("/upload", files=files).status_code == 403
        assert list(room.spool.folders()) == []
        path = one.upload().url.path
        assert one.browser.post(path, data={"do": "drop"}).status_code == 403
        assert one.page(path)
        one.browser.post(path, data={"csrf": one.csrf(), "do": "drop"})
        assert one.browser.get(path).status_code == 404
        assert list(room.spool.folders()) == []


def test_another_agency_sees_nothing_of_it(address: str, database: Database) -> None:
    marked = CSV.replace("Trực tuyến", "MARKER-OF-H25")
    with officer(address, database) as one, officer(address, database, "H26") as other:
        path = one.upload(marked, "MARKER-OF-H25.csv").url.path
        assert "MARKER-OF-H25" in one.page(path)
        one.act(path, "look", **MAPPING)
        for place in (path, f"{path}/report.csv", f"{path}/mend.csv"):
            answer = other.browser.get(place)
            assert (answer.status_code, "MARKER" in answer.text) == (404, False)
        for do in ("drop", "send", "preview"):
            answer = other.browser.post(path, data={"csrf": other.csrf(), "do": do})
            assert (answer.status_code, "MARKER" in answer.text) == (404, False)
        assert "MARKER" not in other.page("/upload")
        assert one.page(path)


def test_dossiers_of_another_agency_are_refused(address: str, database: Database, post: Post) -> None:
    with officer(address, database) as one:
        path = one.upload(CSV.replace("H25-240305-0002", "H26-240305-0002")).url.path
        looked = one.act(path, "look", **MAPPING)
        assert "1 trong 3 dòng" in looked
        assert "phải là hồ sơ của cơ quan" in looked
        one.act(path, "send")
        assert [agency for agency, _ in post.sent] == ["H25"]


@pytest.mark.parametrize("missing", [Scope.EVENTS_WRITE, Scope.DOSSIERS_READ])
def test_both_scopes_are_needed(address: str, database: Database, missing: Scope) -> None:
    token = token_of(database, "H25", *(scope for scope in UPLOADING if scope is not missing))
    headers = {"Authorization": f"Bearer {token}", "accept": "text/html"}
    assert httpx.get(f"{address}/upload", headers=headers).status_code == 403
    assert 'href="/upload"' not in httpx.get(f"{address}/rates", headers=headers).text


@pytest.mark.parametrize(
    ("text", "name", "status", "said"),
    [
        ("", "a.csv", 400, "a.csv trống"),
        (CSV + "x" * 70_000, "a.csv", 413, "tệp lớn hơn"),
        ("PK\x03\x04", "a.xlsx", 400, "không phải bảng tính"),
        (CSV, "", 400, ""),
    ],
)
def test_what_cannot_be_taken_is_told_and_not_kept(
    address: str, database: Database, room: Uploads, text: str, name: str, status: int, said: str
) -> None:
    with officer(address, database) as one:
        answer = one.upload(text, name)
        assert (answer.status_code, said in answer.text) == (status, True)
        assert list(room.spool.folders()) == []


@pytest.mark.parametrize("name", ["../../x.csv", "C:\\files\\<script>x.csv", '"><img src=x>.csv', "a\nb.csv"])
def test_a_files_name_is_only_shown(address: str, database: Database, room: Uploads, name: str) -> None:
    with officer(address, database) as one:
        answer = one.upload(name=name)
        assert answer.status_code == 200
        assert "<script>x" not in answer.text
        assert "<img" not in answer.text
        (folder,) = room.spool.folders()
        assert sorted(each.name for each in folder.path.iterdir()) == ["file", "upload.json"]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_its_pages_read_in_both_languages(address: str, database: Database, language: str) -> None:
    with officer(address, database) as one:
        path = one.upload().url.path
        pages = [one.page(f"/upload?lang={language}"), one.page(f"{path}?lang={language}")]
        one.act(path, "look", **MAPPING)
        pages.append(one.page(f"{path}?lang={language}"))
        for text in pages:
            assert f'<html lang="{language}">' in text
            assert ("Tải tệp lên" if language == "vi" else "Upload") in text
            assert len(text.encode()) < 150_000
            assert not re.search(r'style="|<style|<script>|\son\w+="|https?://(?!127)', text)


RECORDS = (
    '[{"MaHoSo": "H25-240305-0001", "KenhThucHien": "1", "NgayTiepNhan": "05/03/2024 08:00:00"},'
    ' {"MaHoSo": "H25-240305-0002", "KenhThucHien": "9"}]'
)


def test_records_need_no_mapping(address: str, database: Database) -> None:
    with officer(address, database) as one:
        answer = one.upload(RECORDS, "records.json")
        assert "dossier-sync" in answer.text
        assert 'name="subject"' not in answer.text
        assert "1 trong 2 dòng" in one.act(answer.url.path, "look")


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_a_workbook_goes_from_choosing_to_sent(
    address: str, database: Database, post: Post, tmp_path: Path, form: str
) -> None:
    made = xlsx(tmp_path / "sheet", SHEET) if form == "xlsx" else ods(tmp_path / "sheet")
    with officer(address, database) as one:
        answer = one.upload(made.read_bytes(), f"tháng 3.{form}")
        assert 'value="column:dossier" selected' in answer.text
        columns = {"subject": "column:dossier"}
        columns |= {f"field.{name}": f"column:{name}" for name in ("channel", "received_at")}
        looked = one.act(answer.url.path, "look", **columns, empty="null")
        assert "1 trong 2 dòng sẽ được tính, 1 dòng bị từ chối" in looked
        assert "đã gửi 1 dòng" in one.act(answer.url.path, "send")
    ((agency, event),) = post.sent
    assert agency == "H25"
    assert b"2026-03-05T08:30:00+07:00" in event, "from a cell that is a date"
