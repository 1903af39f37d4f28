"""Pages over a whole service in a real browser: an event changes a rate, a file is uploaded, mended, sent."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from emc.instants import HANOI
from tests.cli.processes import Running, done
from tests.portal.pages.browsing import QUIET, serious
from tests.tools.wanted import path_of

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.timeout(600)]
_PATIENCE = 60_000
TODAY = datetime.now(HANOI)
CODE = f"H25.16-{TODAY:%Y%m%d}"
FAULTY = (
    "Mã hồ sơ;Kênh;Ngày nhận\n"
    f"{CODE}-1001;Trực tuyến;{TODAY:%d/%m/%Y} 00:00\n"
    f"{CODE}-1002;Trực tiếp;{TODAY:%d/%m/%Y} 00:00\n"
    f"{CODE}-1003;Trực tuyến;35/13/2026 00:00\n"
)


class Service(Running):
    """A service without data, and tokens for it."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__("up", "--data-dir", data_dir)
        self.url = self.ready["api"]
        scopes = "events:write,rates:read,dossiers:read"
        made = done("token", "create", "--data-dir", data_dir, "--name", "desk", "--agency", "H25",
                    "--scope", scopes, "--json")  # fmt: skip
        self.token: str = json.loads(made)["token"]

    def send(self, number: int, **data: object) -> None:
        """Sends an event about a dossier of today over HTTP."""
        moment = datetime.now(HANOI).isoformat(timespec="seconds")
        event = {
            "specversion": "1.0", "type": "vn.emc.dossier.v1", "id": f"{number}",
            "source": "/agencies/H25/desk", "subject": f"{CODE}-{number}", "time": moment,
            "data": {"received_at": f"{TODAY:%Y-%m-%d}T00:00:00+07:00", **data},
        }  # fmt: skip
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/cloudevents+json"}
        answer = httpx.post(f"{self.url}/v1/events", content=json.dumps(event), headers=headers)
        assert answer.status_code == 202, answer.text


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Broker, worker and API, as `emc up` starts them."""
    started = Service(tmp_path_factory.mktemp("live"))
    started.send(2001, channel="direct")
    yield started
    assert started.stop() == 0


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(path_of("chromium")), args=QUIET)
        yield started
        started.close()


@pytest.fixture
def officer(browser: Browser, running: Service) -> Iterator[Page]:
    """Somebody of H25, signed in."""
    page = browser.new_context(base_url=running.url, accept_downloads=True).new_page()
    page.set_default_timeout(_PATIENCE)
    page.goto("/sign-in")
    page.get_by_label("Mã truy cập").fill(running.token)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url("**/")
    yield page
    page.context.close()


def test_a_rate_changes_before_ones_eyes_after_an_event_over_http(officer: Page, running: Service) -> None:
    officer.goto("/agencies/H25")
    rate = officer.locator('[data-mark="online_submission"]')
    expect(rate).to_contain_text("%", timeout=_PATIENCE)
    before = rate.inner_text()
    officer.wait_for_timeout(1500)  # the stream begins with the script
    running.send(2002, channel="online")
    officer.locator('[data-mark="online_submission"].changed').wait_for()
    assert rate.inner_text() != before


def test_what_arrives_is_seen_on_connect(officer: Page, running: Service) -> None:
    officer.goto("/connect")
    arrivals = officer.locator(".arrivals")
    running.send(2003, channel="online")
    expect(arrivals).to_contain_text(f"{CODE}-2003", timeout=_PATIENCE)
    running.send(2004, channel="by pigeon")
    expect(arrivals).to_contain_text("$.data.channel", timeout=_PATIENCE)


def test_a_file_is_uploaded_mapped_mended_and_sent(officer: Page, tmp_path: Path) -> None:
    file = tmp_path / "hôm nay.csv"
    file.write_text(FAULTY, "utf-8")
    _upload(officer, file)
    _map(officer)
    assert not serious(Axe().run(officer).response)
    officer.get_by_role("button", name="Kiểm tra toàn bộ tệp").click()
    expect(officer.locator("h1")).to_contain_text("2 trong 3 dòng sẽ được tính", timeout=_PATIENCE)
    assert not serious(Axe().run(officer).response)
    with officer.expect_download() as fetched:
        officer.get_by_role("link", name="các dòng bị từ chối").click()
    mended = tmp_path / "sửa.csv"
    text = Path(fetched.value.path()).read_text("utf-8-sig")
    assert "emc_reason" in text
    mended.write_text(text.replace("35/13/2026", f"{TODAY:%d/%m/%Y}"), "utf-8")
    officer.get_by_role("button", name="Gửi 2 dòng").click()
    expect(officer.locator("h1")).to_contain_text("đã gửi 2 dòng", timeout=_PATIENCE)

    _upload(officer, mended)
    _map(officer)
    officer.get_by_role("button", name="Kiểm tra toàn bộ tệp").click()
    expect(officer.locator("h1")).to_contain_text("1 trong 1 dòng sẽ được tính", timeout=_PATIENCE)
    officer.get_by_role("button", name="Gửi 1 dòng").click()
    expect(officer.locator("h1")).to_contain_text("đã gửi 1 dòng", timeout=_PATIENCE)
    officer.goto(f"/dossiers/{CODE}-1003")
    expect(officer.locator("h1")).to_contain_text(f"{CODE}-1003")


def _upload(officer: Page, file: Path) -> None:
    officer.goto("/upload")
    officer.get_by_label("Tệp", exact=True).set_input_files(file)
    officer.locator("main").get_by_role("button", name="Tải tệp lên").click()
    officer.wait_for_url("**/upload/*")


def _map(officer: Page) -> None:
    """Chooses what the names of the columns do not tell."""
    officer.get_by_label("Tiếp nhận", exact=True).select_option("column:Ngày nhận")
    officer.get_by_label("Kênh nộp", exact=True).select_option("column:Kênh")
    officer.get_by_role("button", name="Xem các dòng đầu").click()
    expect(officer.locator("main")).to_contain_text("trực tuyến")


def test_a_csv_is_downloaded_and_after_signing_out_all_is_closed(officer: Page) -> None:
    officer.goto("/agencies/H25")
    with officer.expect_download() as fetched:
        officer.get_by_role("link", name="CSV").first.click()
    assert "online_submission" in Path(fetched.value.path()).read_text("utf-8")
    officer.get_by_role("button", name="Đăng xuất").click()
    officer.wait_for_url("**/sign-in*")
    assert not officer.context.cookies()
