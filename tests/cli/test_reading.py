"""The commands that read, through the API of a running service."""

import re

import pytest

from cli.runtime.comparison import agree
from emc.registry import GROUPS
from emc.statuses import in_words
from tests.cli.conftest import Service
from tests.cli.processes import complaint, done, emc, lines

MARCH = ("--start", "2024-03-01")


def test_the_simulated_month_rounds_to_the_published_figures(service: Service) -> None:
    rates = lines(done("rates", "--json", *MARCH, "--data-dir", service.data_dir))
    assert agree(rates) == 8
    assert {rate["group"] for rate in rates if "group" in rate} == set(GROUPS)
    assert all(("group" in rate) != ("agency" in rate) for rate in rates)


def test_a_rate_has_the_fields_of_the_contract(service: Service) -> None:
    (rate,) = lines(
        done(
            "rates",
            "--json",
            *MARCH,
            "--metric",
            "data_reuse",
            "--agency",
            "H26",
            "--api",
            service.ready["api"],
        )
    )
    names = "metric definition agency period start numerator denominator rate coverage as_of"
    assert list(rate) == names.split()
    assert rate["rate"] == rate["numerator"] / rate["denominator"]


def test_command_and_api_say_the_same(service: Service) -> None:
    printed = lines(done("rates", "--json", *MARCH, "--group", "national", "--data-dir", service.data_dir))
    assert printed == service.get("/v1/rates", start="2024-03-01", group="national").json()["rates"]


def test_the_table_shows_names_and_no_data_as_a_dash(service: Service) -> None:
    shown = done("rates", *MARCH, "--agency", "H26", "--data-dir", service.data_dir)
    assert "H26 Thành phố Hà Nội" in shown or "H26 Hà Nội" in shown
    assert "–" in shown


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--metric", "none"], "metric is 'none', expected one of"),
        (["--agency", "H25", "--group", "national"], "agency and group were both given"),
        (["--start", "2024-03-02"], "start is '2024-03-02', expected the first day of a month"),
    ],
)
def test_what_is_asked_wrongly_is_told(service: Service, asked: list[str], said: str) -> None:
    assert said in complaint("rates", *asked, "--api", service.ready["api"], code=2)
    parameters = dict(zip([name[2:] for name in asked[::2]], asked[1::2], strict=True))
    answer = service.get("/v1/rates", **parameters)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_a_dossier_missing_from_a_numerator_is_explained(service: Service) -> None:
    asked = ("--metric", "data_reuse", "--agency", "H26", *MARCH, "--data-dir", service.data_dir)
    every = lines(done("dossiers", *asked, "--json"))
    missing = lines(done("dossiers", *asked, "--missing", "--json"))
    assert missing == [dossier for dossier in every if not dossier["in_numerator"]]
    assert missing[0]["reason"] == "no component was reused"
    code = missing[0]["dossier"]
    found = lines(done("explain", code, "--json", "--data-dir", service.data_dir))[0]
    assert found["dossier"] == code
    shown = done("explain", code, "--data-dir", service.data_dir)
    assert "What was said of it" in shown
    statuses = {event["data"]["status"] for event in found["events"] if event["data"].get("status")}
    assert [number for number in statuses if f"status = {in_words(number)}" not in shown] == []
    assert statuses
    assert "no component was reused" in shown


def test_an_unknown_dossier_is_told(service: Service) -> None:
    said = complaint("explain", "H25.1-240305-9999", "--data-dir", service.data_dir, code=2)
    assert "H25.1-240305-9999 is not known" in said


def test_rejections_are_listed_newest_first_and_by_agency(service: Service) -> None:
    found = lines(done("rejections", "list", "--json", "--data-dir", service.data_dir))
    arrivals = [rejection["rejected_at"] for rejection in found]
    assert arrivals == sorted(arrivals, reverse=True)
    agency = next(rejection["agency"] for rejection in found if rejection["agency"])
    own = service.get("/v1/rejections", agency=agency, limit=5).json()["rejections"]
    assert {rejection["agency"] for rejection in own} == {agency}
    shown = done("rejections", "list", "--limit", 3, "--data-dir", service.data_dir).splitlines()
    assert shown[0].split("\t")[:3] == ["Place", "Arrived", "Agency"]
    assert len(shown) == 4


def test_an_empty_answer_names_the_month_and_what_there_is(service: Service) -> None:
    asked = ("rates", "--group", "national", "--data-dir", service.data_dir)
    said = emc(*asked, "--start", "1999-01-01").stderr
    assert "There are no such rates of the month 1999-01-01: nothing was received or declared." in said
    assert re.search(r"There are some from 20\d\d-\d\d-01 to 20\d\d-\d\d-01: see --start", said)
    assert (
        "There are no such rates of the last7 1999-01-01"
        in emc(*asked, "--period", "last7", "--start", "1999-01-01").stderr
    )
    assert emc(*asked, "--start", "1999-01-01", "--json").stderr == ""


def test_health_tells_lag_and_the_last_event_of_each_agency(service: Service) -> None:
    answer = service.get("/v1/health")
    assert answer.status_code == 200
    found = answer.json()
    assert (found["status"], found["lag"], found["waiting_for"]) == ("ok", 0, None)
    assert found["agencies"]["H26"]["last_time"].startswith("2024-04-0")


def test_metrics_are_prometheus_text(service: Service) -> None:
    text = service.get("/metrics").text
    assert 'emc_worker_events_total{outcome="rejected"}' in text
    assert "emc_rejections_total{" in text


def test_two_places_to_read_from_are_refused(service: Service) -> None:
    said = complaint("rates", "--api", service.ready["api"], "--data-dir", service.data_dir, code=2)
    assert "--data-dir and --api were both given" in said


def test_a_range_does_not_apply_to_a_window_and_that_is_told(service: Service) -> None:
    window = ("rates", "--json", "--period", "last7", "--start", "2024-03-04", "--group", "national")
    for where in (("--data-dir", service.data_dir), ("--api", service.ready["api"])):
        told = emc(*window, "--from", "2024-01-01", "--to", "2024-01-02", *where)
        assert told.returncode == 0
        assert "--from and --to do not apply to last7" in told.stderr
        assert lines(told.stdout) == lines(done(*window, *where)) != []
    asked = {"period": "last7", "start": "2024-03-04", "from": "2024-01-01", "to": "2024-01-02"}
    answer = service.get("/v1/rates", **asked, format="csv")
    assert answer.status_code == 200
    assert answer.text == service.get("/v1/rates", period="last7", start="2024-03-04", format="csv").text
