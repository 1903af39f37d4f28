"""The pages of disputes: snapshots are frozen and read."""

import re

import httpx

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
    assert groups.count('<td class="words">ministries</td>') > 10
    assert path in client.get("/snapshots", headers=as_("H25")).text


def test_what_cannot_be_frozen_is_told_beside_the_form(client: httpx.Client, as_: As) -> None:
    assert client.post("/snapshots", data={"name": "x"}, headers=as_("H25")).status_code == 403
    answer = client.post("/snapshots", data={"name": "x", "start": "2001-01-01"}, headers=as_(None))
    assert answer.status_code == 400
    assert "không có tỷ lệ nào của kỳ (tháng) bắt đầu 2001-01-01" in answer.text
    assert "Chốt các tỷ lệ" not in client.get("/snapshots", headers=as_("H25")).text
    assert client.get("/snapshots/none", headers=as_("H25")).status_code == 404
