"""Every page: in words, in two languages, without anything inline, and only with what is the caller's."""

import html
import re
from pathlib import Path

import httpx
import pytest

import portal.pages
from emc.registry import load_registry
from portal.access.entrance import Entrance
from portal.api import create_app
from portal.pages.routes import add_pages
from sinks.clickhouse.database import Database
from sinks.queries.reader import Reader
from tests.portal.pages.conftest import HEALTH, REFUSED, RELOADED, START, As
from tests.portal.serving import OPEN, served

ADDRESSES = (
    *(
        "/",
        f"/?start={START}",
        f"/?start={START}&sort=data_reuse&group=ministries&q=b",
        "/rates",
        "/connect",
        "/upload",
    ),
    *(f"/agencies/H25?start={START}", f"/agencies/H25/missing?start={START}&metric=full_online_supply"),
    *(f"/agencies/H25/missing?start={START}", f"/rates/data_reuse?agency=H25&start={START}"),
    *(
        f"/rates/electronic_result?start={START}&definition=all",
        "/dossiers?code=none",
        "/snapshots",
        "/objections",
        "/reconcile",
    ),
)
FOR_OPERATORS = ("/operate", f"/agencies/G06?start={START}", f"/rates/on_time?agency=G06&start={START}")
TEMPLATES = Path(portal.pages.__file__).parent / "templates"
_VIETNAMESE = re.compile("[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệịỉọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")


@pytest.mark.parametrize("address", [*ADDRESSES, *FOR_OPERATORS])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_reads_in_both_languages_and_is_light(
    client: httpx.Client, as_: As, address: str, language: str
) -> None:
    joined = "&" if "?" in address else "?"
    answer = client.get(f"{address}{joined}lang={language}", headers=as_(None))
    assert answer.status_code == (404 if "code=none" in address else 200), answer.text[:500]
    assert f'<html lang="{language}">' in answer.text
    assert len(answer.content) < 150_000
    assert ("Toàn quốc" if language == "vi" else "National board") in answer.text


def test_connect_asks_for_a_token_only_where_one_is_needed(
    database: Database, client: httpx.Client, as_: As
) -> None:
    entrance = Entrance(Reader(database, load_registry()), OPEN)
    app = create_app(entrance, lambda: HEALTH)
    pages = add_pages(app, entrance.guard, lambda: HEALTH, None)
    with served(app) as asking:
        opened = asking.get("/connect?lang=en").text
    pages.close()
    closed = client.get("/connect?lang=en", headers=as_("H25")).text
    for mark in ("EMC_TOKEN", "Authorization", "Needed: a token"):
        assert (mark in opened, mark in closed) == (False, True)
    assert "No token is needed here" in opened
    assert html.unescape(opened).count('headers={"Content-Type"') == 1


@pytest.mark.parametrize("address", [*ADDRESSES, *FOR_OPERATORS])
def test_nothing_is_inline_or_from_elsewhere(client: httpx.Client, as_: As, address: str) -> None:
    answer = client.get(address, headers=as_(None))
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert not re.search(r'style="|<style|<script>|\son\w+="|https?://(?!127)', answer.text)


@pytest.mark.parametrize("address", [*ADDRESSES, *FOR_OPERATORS])
def test_what_scrolls_is_reached_by_keyboard_and_has_a_name(
    client: httpx.Client, as_: As, address: str
) -> None:
    text = client.get(address, headers=as_(None)).text
    for tag in re.findall(r'<div class="(?:panel )?scroll"[^>]*>', text):
        assert 'tabindex="0" role="region"' in tag
        named = re.search(r'aria-labelledby="([^"]+)"', tag)
        assert f'id="{named[1]}"' in text if named else re.search('aria-label="[^"]+"', tag)


def test_every_table_that_scrolls_is_opened_by_one_macro() -> None:
    found = {file.name: file.read_text().count('class="panel scroll"') for file in TEMPLATES.glob("*.html")}
    assert {name for name, times in found.items() if times} == {"parts.html"}
    assert found["parts.html"] == 1
    for file in TEMPLATES.glob("*.html"):
        text = file.read_text()
        known = file.name == "parts.html" or re.search(r'from "parts.html" import [^%]*\bscrolling\b', text)
        assert known or "scrolling(" not in text, file.name


def test_the_board_says_the_rates_in_words_and_lists_every_agency(client: httpx.Client, as_: As) -> None:
    text = client.get(f"/?start={START}&lang=en", headers=as_(None)).text
    assert re.search(r"<h1>[\d.]+\xa0% of the dossiers of March 2024 were submitted online; ", text)
    rows = re.findall(r'<th scope="row"><a href="/agencies/([GH]\d\d)', text)
    assert len(rows) == len(set(rows)) > 80


def test_the_table_is_sorted_without_scripts(client: httpx.Client, as_: As) -> None:
    text = client.get(f"/?start={START}&sort=data_reuse&order=asc&lang=en", headers=as_(None)).text
    found = re.findall(r'data-mark="[GH]\d\d-data_reuse"><span class="cell">.*?<span>([\d.]+|no data)', text)
    shares = [-1.0 if share == "no data" else float(share) for share in found]
    assert shares == sorted(shares)
    assert shares[-1] > shares[0]


def test_the_numbers_are_those_of_the_api(client: httpx.Client, as_: As) -> None:
    asked = {"metric": "data_reuse", "agency": "G06", "start": START}
    (rate,) = client.get("/v1/rates", params=asked, headers=as_(None)).json()["rates"]
    text = client.get(f"/rates/data_reuse?agency=G06&start={START}&lang=en", headers=as_(None)).text
    assert f"{rate['numerator']:,} / {rate['denominator']:,}" in text
    assert f"{rate['rate'] * 100:.1f}\xa0%" in text


def test_an_agency_sees_nothing_of_another(client: httpx.Client, as_: As, database: Database) -> None:
    ((foreign,),) = database.query("SELECT any(dossier) FROM dossiers FINAL WHERE agency = 'H26'")
    others = (f"/agencies/H26?start={START}", f"/agencies/H26/missing?start={START}", "/operate")
    for address in (*ADDRESSES, *others, f"/dossiers/{foreign}", f"/rates/on_time?agency=H26&start={START}"):
        text = client.get(address, headers=as_("H25")).text.replace(address.partition("?")[0], "")
        assert "MARKER-OF-H26" not in text
        assert "/agencies/H26/" not in text
        assert ".H26-" not in text


def test_what_is_another_agencys_is_refused_with_a_page(client: httpx.Client, as_: As) -> None:
    answer = client.get(f"/agencies/H26?start={START}", headers=as_("H25"))
    assert (answer.status_code, "không có quyền" in answer.text) == (403, True)


def test_an_unknown_dossier_and_anothers_are_answered_alike(
    client: httpx.Client, as_: As, database: Database
) -> None:
    ((foreign,),) = database.query("SELECT any(dossier) FROM dossiers FINAL WHERE agency = 'H26'")
    codes = (foreign, "H25-240301-9999")
    answers = [client.get(f"/dossiers/{code}", headers=as_("H25")) for code in codes]
    assert {answer.status_code for answer in answers} == {404}
    texts = {answer.text.replace(code, "") for answer, code in zip(answers, codes, strict=True)}
    assert len(texts) == 1


def test_a_dossier_tells_in_which_rates_it_counts(client: httpx.Client, as_: As, database: Database) -> None:
    ((code,),) = database.query(
        "SELECT min(dossier) FROM dossiers FINAL WHERE agency = 'H25' AND received_at IS NOT NULL"
    )
    text = client.get(f"/dossiers/{code}", headers=as_("H25")).text
    found = client.get(f"/v1/dossiers/{code}/explanation", headers=as_("H25")).json()
    counted = sum(each["in_numerator"] for each in found["definitions"])
    assert text.count('<span class="tag good">có</span>') == counted > 0


def test_a_dossier_whose_events_were_all_refused_shows_them(client: httpx.Client, as_: As) -> None:
    text = client.get(f"/dossiers/{REFUSED}?lang=en", headers=as_(None)).text
    assert f"Dossier {REFUSED} counts nowhere" in text
    assert "<code>$.time</code>" in text
    assert client.get(f"/dossiers/{REFUSED}", headers=as_("H25")).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/?sort=x",
        "/?group=x",
        "/?start=yesterday",
        "/?lang=fr",
        "/?period=day",
        "/agencies/H25/missing?page=0",
    ],
)
def test_what_an_address_asks_wrongly_is_told_on_a_page(client: httpx.Client, as_: As, address: str) -> None:
    answer = client.get(address, headers=as_(None))
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")


def test_without_a_token_every_page_leads_to_the_sign_in(client: httpx.Client) -> None:
    for address in (*ADDRESSES, *FOR_OPERATORS):
        answer = client.get(address)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=")


@pytest.mark.parametrize(
    "address", ["/?", "/agencies/H25?", "/rates/data_reuse?agency=H25&", "/rates/data_reuse?"]
)
def test_incidents_are_shaded_in_the_charts_and_told_below(
    client: httpx.Client, as_: As, address: str
) -> None:
    text = client.get(f"{address}start={START}&lang=en", headers=as_("H25")).text
    assert text.count('class="mark"') % 2 == 0 < text.count('class="mark"'), "two days in each chart"
    assert ("MARK-OF-H25" in text, "MARK-OF-ALL" in text, "MARK-OF-H26" in text) == (True, True, False)
    before = client.get(f"{address}start=2024-02-01&lang=en", headers=as_("H25")).text
    assert "MARK-OF" not in before
    assert 'class="mark"' not in before


def test_the_board_tells_who_moved_since_yesterday_and_who_is_silent(
    client: httpx.Client, as_: As, database: Database
) -> None:
    asked = f"/?start={START}&lang=en"
    text = client.get(asked, headers=as_(None)).text
    assert "What moved since yesterday" in text
    assert "no rate of fifty dossiers moved" in text, "nothing was shown a day ago"
    chosen = f"metric = 'data_reuse' AND period = 'month' AND start = '{START}'"
    database.command(
        "INSERT INTO rate_history SELECT * REPLACE (now64(3) - INTERVAL 2 DAY AS shown_at,"
        f" 0 AS numerator) FROM rate_history WHERE {chosen}"
    )
    database.command(  # as every write ends
        "INSERT INTO commits SELECT * REPLACE (version + 1 AS version) FROM commits FINAL LIMIT 1"
    )
    text = client.get(asked, headers=as_(None) | RELOADED).text
    assert "points within a day" in text
    assert "Who is silent" in text
