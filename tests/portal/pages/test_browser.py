"""The pages in a real browser: signing in and out, reading without scripts, and accessibility."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from sinks.clickhouse.database import Database
from tests.portal.pages.browsing import COLOURS, PHONE, QUIET, fits, is_laid_out, roles, serious, signed_in
from tests.portal.pages.conftest import REFUSED, START
from tests.tools.wanted import path_of

pytestmark = pytest.mark.needs("chromium")
_PAGES = (f"/?start={START}", f"/agencies/H25?start={START}", f"/rates/data_reuse?start={START}&agency=H25",
          "/rates", "/connect", "/upload", f"/agencies/H25/missing?start={START}", "/snapshots",
          "/objections", "/reconcile")  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(path_of("chromium")), args=QUIET)
        yield started
        started.close()


@pytest.fixture(autouse=True)
def _sessions_end(browser: Browser) -> Iterator[None]:
    """What a test opened costs those after it: pages with a stream go on."""
    yield
    for context in browser.contexts:
        context.close()


def test_an_officer_signs_in_finds_a_missing_dossier_and_signs_out(
    browser: Browser, client: httpx.Client, tokens: dict[str | None, str]
) -> None:
    page = signed_in(browser, client, tokens["H25"])
    page.get_by_role("link", name="Cơ quan tôi").click()
    page.goto(f"{page.url}?start={START}")
    page.get_by_role("link", name="Các hồ sơ chưa được tính").click()
    code = page.locator("tbody th a").first.inner_text()
    page.locator("tbody th a").first.click()
    assert code in page.locator("h1").inner_text()
    page.get_by_role("button", name="Đăng xuất").click()
    page.wait_for_url("**/sign-in*")
    for address in _PAGES:
        page.goto(address)
        assert "/sign-in" in page.url


def test_a_change_is_shown_without_reloading(
    browser: Browser, client: httpx.Client, tokens: dict[str | None, str], database: Database
) -> None:
    page = signed_in(browser, client, tokens[None])
    page.goto(f"/agencies/H25?start={START}")
    reused = page.locator('[data-mark="data_reuse"]')
    before = reused.inner_text()
    page.wait_for_timeout(1500)  # the stream begins with the script
    chosen = f"agency = 'H25' AND metric = 'data_reuse' AND period = 'month' AND start = '{START}'"
    database.command(
        "INSERT INTO rates SELECT * REPLACE (denominator AS numerator, version + 1 AS version)"
        f" FROM rates FINAL WHERE {chosen}"
    )
    database.command(
        "INSERT INTO commits SELECT * REPLACE (version + 1 AS version, now64(3) AS written_at)"
        " FROM commits FINAL WHERE agency = 'H25'"
    )
    page.locator('[data-mark="data_reuse"].changed').wait_for(timeout=20_000)
    assert reused.inner_text() != before
    assert "100,0" in reused.inner_text()


def test_every_page_reads_without_scripts(
    browser: Browser, client: httpx.Client, tokens: dict[str | None, str]
) -> None:
    page = signed_in(browser, client, tokens["H25"], java_script_enabled=False)
    for address in _PAGES:
        page.goto(address)
        assert page.locator("h1").inner_text()
        assert page.locator("main").inner_text().count("\n") > 5


def test_axe_finds_nothing_serious_in_either_scheme(
    browser: Browser, client: httpx.Client, tokens: dict[str | None, str], database: Database
) -> None:
    page = signed_in(browser, client, tokens[None], color_scheme="light")
    ((code,),) = database.query("SELECT min(dossier) FROM dossiers FINAL WHERE agency = 'H25'")
    for address in (*_PAGES, f"/dossiers/{code}", "/operate", "/sign-in", "/nothing-here"):
        page.goto(address)
        found = serious(Axe().run(page).response)
        assert not found, (address, found)
        page.emulate_media(color_scheme="dark")
        found = serious(Axe().run(page, options=COLOURS).response)
        assert not found, (address, "dark", found)
        page.emulate_media(color_scheme="light")


def test_every_page_fits_a_phone_a_desk_and_a_sheet(
    browser: Browser, client: httpx.Client, tokens: dict[str | None, str], database: Database
) -> None:
    page = signed_in(browser, client, tokens[None])
    ((code,),) = database.query("SELECT min(dossier) FROM dossiers FINAL WHERE agency = 'H25'")
    ((frozen,),) = database.query("SELECT any(id) FROM snapshots FINAL")
    frozen = f"/snapshots/{frozen}?agency=H25"
    for address in (*_PAGES, f"/dossiers/{code}", f"/dossiers/{REFUSED}", frozen, "/operate", "/sign-in"):
        page.goto(address)
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            is_laid_out(page)
        page.set_viewport_size({"width": 794, "height": 1123})  # a sheet of A4
        page.emulate_media(media="print")
        is_laid_out(page)
        page.emulate_media(media="screen")


def test_a_table_of_blocks_is_still_a_table_to_a_screen_reader(
    browser: Browser, client: httpx.Client, tokens: dict[str | None, str]
) -> None:
    found = []
    for width in (360, 1280):
        page = signed_in(browser, client, tokens["H25"], viewport={"width": width, "height": 800})
        page.goto(f"/agencies/H25/missing?start={START}")
        shown = roles(page)
        found.append([shown.count(role) for role in ("table", "row", "columnheader", "rowheader", "cell")])
    assert found[0] == found[1]
    assert min(found[0]) > 0


def test_on_a_phone_the_pages_are_behind_a_menu_without_scripts(
    browser: Browser, client: httpx.Client, tokens: dict[str | None, str]
) -> None:
    page = signed_in(browser, client, tokens["H25"], viewport=PHONE, java_script_enabled=False)
    page.goto("/rates")
    header = page.locator("header.top").bounding_box()
    assert header is not None
    assert header["height"] < 60, "one line"
    page.locator(".menu summary").click()
    page.get_by_role("link", name="Đối chiếu", exact=True).click()
    page.wait_for_url("**/snapshots")


def test_an_agency_objects_and_reconciles_and_an_operator_answers(
    browser: Browser, client: httpx.Client, tokens: dict[str | None, str]
) -> None:
    officer = signed_in(browser, client, tokens["H25"], java_script_enabled=True, viewport=PHONE)
    officer.locator(".menu summary").click()
    officer.get_by_role("link", name="Đối chiếu", exact=True).click()
    officer.locator("tbody th a").last.click()
    fits(officer)
    officer.get_by_role("link", name="Kiến nghị", exact=True).first.click()
    fits(officer)
    officer.get_by_label("Lý do").fill("hai hồ sơ bị thiếu")
    officer.get_by_label("Số của cơ quan").fill("2")
    officer.get_by_label("trên tổng số").fill("3")
    officer.get_by_role("button", name="Kiến nghị").click()
    assert "2 / 3" in officer.locator("main").inner_text()
    fits(officer)
    thread = officer.url.removeprefix(str(client.base_url))
    operator = signed_in(browser, client, tokens[None])
    operator.goto(thread)
    operator.locator("textarea").fill("đã tính thêm")
    operator.locator("select[name=decision]").select_option("accepted")
    fits(operator)
    operator.get_by_role("button", name="Gửi").click()
    officer.reload()
    assert "được chấp nhận" in officer.locator(".lead").inner_text()
    officer.goto("/reconcile")
    officer.get_by_label("Ngày đầu của kỳ").fill(START)
    content = b"dossier\nH25-240301-9999\n"
    chosen = {"name": "ours.csv", "mimeType": "text/csv", "buffer": content}
    officer.get_by_label("Tệp").set_input_files(chosen)  # type: ignore[arg-type]
    officer.get_by_role("button", name="Đối chiếu", exact=True).click()
    assert "H25-240301-9999" in officer.locator("table").inner_text()
    fits(officer)
    officer.get_by_label("Tệp").set_input_files(chosen)  # type: ignore[arg-type]
    with officer.expect_download() as downloading:
        officer.get_by_role("button", name="tải chênh lệch").click()
    assert b"only_theirs,H25-240301-9999" in downloading.value.path().read_bytes()


def test_an_upload_and_an_objection_need_no_scripts(
    browser: Browser, client: httpx.Client, tokens: dict[str | None, str], database: Database
) -> None:
    officer = signed_in(browser, client, tokens["H25"], java_script_enabled=False, viewport=PHONE)
    officer.goto("/upload")
    text = "dossier,channel\nH25-240305-9001,online\nH25-240305-9002,fax\n"
    chosen: Any = {"name": "march.csv", "mimeType": "text/csv", "buffer": text.encode()}
    officer.locator("input[type=file]").set_input_files(chosen)
    officer.locator("form[enctype] button[type=submit]").click()
    officer.wait_for_url("**/upload/*")
    officer.locator("select[name=subject]").select_option("column:dossier")
    officer.locator("select[name='field.channel']").select_option("column:channel")
    officer.locator("button[value=preview]").click()
    assert "H25-240305-9001" in officer.locator("table").last.inner_text(), "the first rows"
    officer.locator("button[value=look]").click()
    officer.get_by_role("heading", name="1 trong 2 dòng sẽ được tính, 1 dòng bị từ chối").wait_for()
    looked = officer.url
    ((code,),) = database.query("SELECT max(dossier) FROM dossiers FINAL WHERE agency = 'H25'")
    officer.goto(f"/dossiers/{code}")
    officer.get_by_role("link", name="Kiến nghị về cách tính hồ sơ này").click()
    officer.get_by_label("Lý do").fill("đã nộp trực tuyến")
    officer.get_by_role("button", name="Kiến nghị").click()
    assert "đã nộp trực tuyến" in officer.locator("main").inner_text()
    seeing = signed_in(browser, client, tokens["H25"], viewport=PHONE)
    seeing.goto(looked)
    fits(seeing)
    seeing.locator("button[value=again]").click()
    seeing.locator("select[name=subject]").wait_for()
    fits(seeing)
