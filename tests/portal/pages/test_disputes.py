"""The pages of disputes: snapshots are frozen and read."""

import html
import re
from urllib.parse import parse_qsl

import httpx

from sinks.clickhouse.database import Database
from tests.portal.pages.conftest import START, As

FROZEN = re.compile(r'href="(/snapshots/[0-9a-f]{12})')


def test_an_operator_freezes_rates_and_an_agency_reads_its_own(client: httpx.Client, as_: As) -> None:
    form = {"name": "the first quarter", "period": "month", "start": START, "structure": "reported"}
    answer = client.post("/snapshots?lang=en", data=form, headers=as_(None))
    assert answer.status_code == 303
    path, _, rest = answer.headers["location"].partition("?")
    assert rest == "lang=en"
    text = client.get(f"{path}?lang=en", headers=as_("H25")).text
    assert "<h1>the first quarter: the rates of March 2024 as they were at" in text
    asked = {"metric": "data_reuse", "agency": "H25", "start": START}
    (rate,) = client.get("/v1/rates", params=asked, headers=as_("H25")).json()["rates"]
    assert text.count(f"{rate['numerator']:,} / {rate['denominator']:,}") >= 2, "frozen, and now"
    assert client.get(f"{path}?agency=H26", headers=as_("H25")).status_code == 403
    groups = client.get(f"{path}?lang=en", headers=as_(None)).text
    assert groups.count('<td class="words" data-label="Group">ministries</td>') > 10
    assert path in client.get("/snapshots", headers=as_("H25")).text


def test_what_cannot_be_frozen_is_told_beside_the_form(client: httpx.Client, as_: As) -> None:
    assert client.post("/snapshots", data={"name": "x"}, headers=as_("H25")).status_code == 403
    answer = client.post("/snapshots", data={"name": "x", "start": "2001-01-01"}, headers=as_(None))
    assert answer.status_code == 400
    assert "không có tỷ lệ nào của kỳ (tháng) bắt đầu 2001-01-01" in answer.text
    assert "Chốt các tỷ lệ" not in client.get("/snapshots", headers=as_("H25")).text
    assert client.get("/snapshots/none", headers=as_("H25")).status_code == 404


def test_an_agency_objects_and_an_operator_answers(client: httpx.Client, as_: As, database: Database) -> None:
    listed = client.get("/snapshots", headers=as_("H25")).text
    path = FROZEN.findall(listed)[-1]
    text = client.get(f"{path}?lang=en", headers=as_("H25")).text
    form = next(
        html.unescape(found)
        for found in re.findall(r'href="(/objections/new\?[^"]+)"', text)
        if "metric=data_reuse" in found
    )
    assert "H25" in client.get(form, headers=as_("H25")).text
    given = dict(parse_qsl(form.partition("?")[2])) | {"text": "two\nlost", "numerator": "1.000"}
    wrong = client.post("/objections?lang=en", data=given, headers=as_("H25"))
    assert (wrong.status_code, "two\nlost</textarea>" in wrong.text) == (400, True)
    made = client.post("/objections", data=given | {"denominator": "2 000"}, headers=as_("H25"))
    assert made.status_code == 303, made.text
    thread = made.headers["location"]
    shown = client.get(f"{thread}?lang=en", headers=as_("H25")).text
    assert "1,000 / 2,000" in shown
    assert '<p class="written">two\nlost</p>' in shown
    assert 'name="decision"' not in shown
    data = {"text": "so it is", "decision": "accepted", "events": "e1 e2"}
    assert client.post(thread, data=data, headers=as_("H25")).status_code == 403
    assert client.post(thread, data=data, headers=as_(None)).status_code == 303
    shown = client.get(f"{thread}?lang=en", headers=as_("H25")).text
    assert '<span class="tag good">accepted</span>' in shown
    assert "<code>e2</code>" in shown
    assert thread in client.get("/objections?status=accepted", headers=as_("H25")).text
    assert thread not in client.get("/objections?status=open", headers=as_("H25")).text
    assert thread in client.get(path, headers=as_("H25")).text


def test_a_dossiers_page_leads_to_an_objection(client: httpx.Client, as_: As, database: Database) -> None:
    ((code,),) = database.query("SELECT min(dossier) FROM dossiers FINAL WHERE agency = 'H25'")
    form = f"/objections/new?dossier={code}"
    assert form in client.get(f"/dossiers/{code}", headers=as_("H25")).text
    assert code in client.get(form, headers=as_("H25")).text
    made = client.post("/objections", data={"text": "late", "dossier": code}, headers=as_("H25"))
    assert f"/dossiers/{code}" in client.get(made.headers["location"], headers=as_("H25")).text
    ((other,),) = database.query("SELECT min(dossier) FROM dossiers FINAL WHERE agency = 'H26'")
    refused = client.post("/objections", data={"text": "x", "dossier": other}, headers=as_("H25"))
    assert refused.status_code == 403


def test_a_list_is_reconciled_on_a_page(client: httpx.Client, as_: As, database: Database) -> None:
    codes = [
        code
        for (code,) in database.query(
            "SELECT dossier FROM dossiers FINAL WHERE agency = 'H25' AND NOT removed"
            " AND toYYYYMM(toDateTime(received_at, 'Asia/Ho_Chi_Minh')) = 202403 ORDER BY dossier"
        )
    ]
    asked = {"agency": "H25", "period": "month", "start": START, "day": "receipt"}

    def sent(rows: list[str], **more: str) -> httpx.Response:
        content = "\n".join(["dossier", *rows, ""]).encode()
        files = {"file": ("ours.csv", content, "text/csv")}
        return client.post("/reconcile?lang=en", data=asked | more, files=files, headers=as_("H25"))

    assert 'type="file"' in client.get("/reconcile", headers=as_("H25")).text
    assert f"all {len(codes)} dossiers are counted alike" in sent(codes).text
    text = sent([*codes[1:], "H25-240301-9999"]).text
    assert f"{len(codes) - 1} dossiers are counted alike; not alike: 2" in text
    assert "no event of it was accepted" in text
    table = sent(codes[1:], **{"as": "csv"})
    assert table.text == f"set,dossier,fact,theirs,ours,reason\r\nonly_ours,{codes[0]},,,,\r\n"
    wrong = sent(["x"])
    assert (wrong.status_code, "line 2: dossier is no code" in wrong.text) == (400, True)
    asked["agency"] = "H26"
    refused = sent(codes)
    assert (refused.status_code, ".H26-" in refused.text) == (403, False)
