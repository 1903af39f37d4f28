"""The thresholds file: read strictly, overridden by agency, and its calendar."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from dashboards.alerts.agency_rules import agency_rules
from dashboards.alerts.agency_scenarios import Subject
from dashboards.alerts.alertmanager import alertmanager_config
from dashboards.alerts.calendar import Calendar
from dashboards.alerts.files import as_yaml
from dashboards.alerts.form import (
    BelowOverride,
    CoverageOverride,
    DropOverride,
    Holiday,
    Mail,
    Planned,
    Receiver,
    Thresholds,
)
from dashboards.alerts.limits import FileLimits
from dashboards.alerts.prometheus import rules_file
from dashboards.alerts.thresholds import FILE, load_thresholds, seconds, site_thresholds
from emc.errors import SettingError
from emc.instants import today
from emc.registry import load_registry
from tests.alerts.programs import run
from tests.cli.processes import emc as run_emc
from tests.sinks.exported import at

REGISTRY = load_registry()
USUAL = load_thresholds()
HOUR = 3600
PLANNED = """[[planned]]
source = "/agencies/X99/a"
from = 2026-12-05T18:00:00+07:00
reason = "moves"
[pace]"""


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "thresholds.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("localities = 0.05", "localities = 5", "$.below[...].localities"),
        ("localities = 0.05", "provinces = 0.05", "unknown field `provinces`"),
        ('for = "30m"', 'for = "half an hour"', "$.below[...].for"),
        ("[below.data_reuse]", "[below.reuse]", "below.reuse: expected a metric"),
        (
            'metrics = ["online',
            'metrics = ["on line", "online',
            "dropped.metrics: on line: expected a metric",
        ),
        ('to = "17:00"', 'to = "07:00"', "working_hours: `to` is not after `from`"),
        ('"monday:friday"', '"friday:monday"', "working_hours.weekdays"),
        ('"monday:friday"', '"mon:fri"', "$.working_hours.weekdays"),
        ("to = 2026-02-22", "to = 2026-02-12", "Tết Nguyên đán 2026"),
        ("[pace]", '[agencies.X99]\nwebhook = "http://x"\n[pace]', "agencies.X99: expected a code"),
        ("[pace]", '[agencies.H44]\nemail = "x"\n[pace]', "receiver H44 has an email"),
        ("[pace]", "[below.data_reuse.agencies.X99]\nminimum = 1\n[pace]", "agencies.X99: expected a code"),
        ("[pace]", '[silent.agencies]\nX99 = "8h"\n[pace]', "silent.agencies.X99: expected a code"),
        ("minimum = 200 ", "minimum = -1 ", "`int` >= 0 - at `$.below[...].minimum`"),
        ("factor = 3", "factor = 0", "$.dropped.factor"),
        ("share = 0.05", "share = 0", "$.rejections.share"),
        ("[below.data_reuse]", "[below.on_time]", "below.data_reuse: expected"),
        ("lag = 50000", 'lag = "many"', "$.pipeline.lag"),
        ("[pace]", PLANNED, "planned: /agencies/X99/a: expected an agency of the registry"),
        ("[links]", "[links", "Invalid"),
    ],
)
def test_a_wrong_file_is_refused_with_the_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(SettingError) as refused:
        load_thresholds(changed(tmp_path, old, new))
    assert said in str(refused.value) or said == "Invalid"
    assert "thresholds.toml" in str(refused.value)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"expected a readable TOML file \(No such file or directory\)"):
        load_thresholds(tmp_path / "nowhere.toml")


def test_a_sites_own_file_holds_instead_of_the_one_shipped(tmp_path: Path) -> None:
    own = changed(tmp_path, "localities = 0.05", "localities = 0.04")
    assert site_thresholds(str(own)).below["data_reuse"].localities == 0.04
    assert site_thresholds(None) == USUAL


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[pace]", '[agencies.X99]\nwebhook = "http://x"\n[pace]', "agencies.X99: expected a code of"),
        ("[below.data_reuse]", "[below.reuse]", "below.reuse: expected a metric"),
        ("localities = 0.05", "localities = 5", "Expected `float` <= 1.0"),
    ],
)
def test_commands_refuse_a_sites_wrong_file_in_one_sentence(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    own = changed(tmp_path, old, new)
    done = run_emc("alerts", "export", str(tmp_path / "out"), EMC_THRESHOLDS=str(own))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"emc: EMC_THRESHOLDS: {own}: ")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()


HOLIDAYS = (
    "Tết Dương lịch",
    "Tết Nguyên đán",
    "Giỗ Tổ Hùng Vương",
    "30/4, 1/5",
    "Quốc khánh",
    "Ngày Văn hóa Việt Nam",
)


@pytest.mark.parametrize("ahead", [0, 1])
def test_the_file_covers_the_present_year_and_the_next(ahead: int) -> None:
    """When this fails a year has begun: add the holidays of the one after, and confirm those of this one."""
    year = today().year + ahead
    named = {holiday.name for holiday in USUAL.holidays if holiday.from_.year == year}
    assert {f"{name} {year}" for name in HOLIDAYS} <= named


def test_holidays_of_the_solar_calendar_stand_on_their_dates_and_are_certain() -> None:
    """The others are set by notice; those that are still to be confirmed are said to be."""
    off = {
        holiday.from_ + timedelta(days=n): holiday.to_be_confirmed
        for holiday in USUAL.holidays
        for n in range((holiday.to - holiday.from_).days + 1)
    }
    years = {holiday.from_.year for holiday in USUAL.holidays}
    for year in years:
        for month, day in ((1, 1), (4, 30), (5, 1), (9, 2), (11, 24)):
            assert off[date(year, month, day)] is False, (year, month, day)
    lunar = [each for each in USUAL.holidays if "Nguyên đán" in each.name or "Giỗ Tổ" in each.name]
    assert len(lunar) == 2 * len(years)
    assert {each.from_.year for each in lunar if each.to_be_confirmed} == {2027, 2028}


@pytest.mark.parametrize(("text", "number"), [("30m", 1800), ("1h30m", 5400), ("2d", 172800), ("500ms", 0.5)])
def test_durations_are_prometheus_own(text: str, number: float) -> None:
    assert seconds(text) == number


def with_overrides() -> Thresholds:
    below = USUAL.below["data_reuse"]
    own = {"H44": BelowOverride(threshold=0.02), "H26": BelowOverride(minimum=9, for_="3h")}
    return replace(
        USUAL,
        below={"data_reuse": replace(below, agencies=own), "on_time": replace(below, national=0.9)},
        dropped=replace(USUAL.dropped, agencies={"H44": DropOverride(minimum=5)}),
        coverage=replace(USUAL.coverage, agencies={"H44": CoverageOverride(threshold=0.1)}),
        silent=replace(USUAL.silent, agencies={"H44": "8h"}),
        agencies={"H44": Receiver(webhook="http://x/", email="x@y.example")},
        mail=Mail(smarthost="m.example:587", from_="emc@m.example", username="u", password_file="/f"),
    )


def test_an_agencys_own_values_come_before_those_of_its_group() -> None:
    limits = FileLimits(with_overrides(), REGISTRY)
    usual = USUAL.below["data_reuse"]
    assert limits.of_agency("data_reuse", "H44") == (0.02, usual.minimum)
    assert limits.of_agency("data_reuse", "H26") == (usual.localities, 9)
    assert limits.of_agency("data_reuse", "G01") == (usual.ministries, usual.minimum)
    assert limits.of_agency("online_submission", "H44") is None
    assert limits.of_group("on_time", "national") == (0.9, usual.minimum)
    assert limits.of_group("data_reuse", "national") is None
    assert limits.silence_limit("H44") == 8 * HOUR
    assert limits.silence_limit("H26") == 4 * HOUR


@pytest.mark.needs("promtool")
def test_overrides_become_rules_that_do_not_overlap(tmp_path: Path) -> None:
    thresholds = with_overrides()
    rules = list(agency_rules(thresholds))
    below = [rule for rule in rules if rule.alert == "DataReuseBelowThreshold"]
    assert [rule.for_ for rule in below] == [USUAL.below["data_reuse"].for_, "3h"]
    assert 'agency!~"|H26"' in below[0].expr
    assert 'agency="H26"' in below[1].expr
    (dropped,) = (rule for rule in rules if rule.alert == "RateDropped")
    assert 'agency!~"|H44"' in dropped.expr
    assert 'agency="H44"' in dropped.expr
    assert any(rule.alert == "OnTimeBelowThreshold" for rule in rules)
    path = tmp_path / "rules.yml"
    path.write_text(as_yaml(rules_file("x", rules, thresholds)), encoding="utf-8")
    # the alert has two rules on purpose; what the check of duplicates warns of is excluded by the matchers
    assert "SUCCESS" in run("promtool", "check", "rules", "--lint=none", path)


def test_the_rules_tests_are_about_an_agency_without_values_of_its_own() -> None:
    assert Subject(USUAL).code == "H44"
    assert Subject(with_overrides()).code not in {"H44", "H26"}


@pytest.mark.needs("amtool")
def test_a_configuration_with_mail_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "alertmanager.yml"
    path.write_text(as_yaml(alertmanager_config(with_overrides())), encoding="utf-8")
    assert "SUCCESS" in run("amtool", "check-config", path)


def test_a_holiday_over_the_end_of_a_month_is_split_as_alertmanager_wants_it() -> None:
    holidays = [Holiday(name="x", from_=date(2026, 12, 30), to=date(2027, 1, 2))]
    intervals = alertmanager_config(replace(USUAL, holidays=holidays))["time_intervals"]
    assert isinstance(intervals, list)
    spans = [(s["years"], s["months"], s["days_of_month"]) for s in intervals[1]["time_intervals"]]
    assert spans == [(["2026"], ["12"], ["30:31"]), (["2027"], ["1"], ["1:2"])]


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("2026-03-10 08:00", "2026-03-10 17:00", 9),
        ("2026-03-10 06:00", "2026-03-10 09:30", 1.5),
        ("2026-03-13 16:00", "2026-03-16 09:00", 2),  # over a weekend
        ("2026-02-13 17:00", "2026-02-23 08:00", 0),  # the whole of Tết
        ("2026-03-10 09:00", "2026-03-10 09:00", 0),
        ("2026-03-10 10:00", "2026-03-10 09:00", 0),
    ],
)
def test_working_time_leaves_out_nights_weekends_and_holidays(since: str, until: str, hours: float) -> None:
    assert Calendar(USUAL).working_seconds(at(since), at(until)) == hours * HOUR


def test_a_planned_silence_is_no_silence() -> None:
    def planned(source: str, begin: int, end: int | None) -> Planned:
        to = None if end is None else datetime(2026, 3, 10, end - 7, tzinfo=UTC)
        return Planned(
            source=source, from_=datetime(2026, 3, 10, begin - 7, tzinfo=UTC), to=to, reason="moves"
        )

    away, off = "/agencies/H44/a", "/agencies/H44/off"
    plans = [planned(away, 9, 12), planned(away, 11, 14), planned(off, 9, None)]
    limits = FileLimits(replace(USUAL, planned=plans), REGISTRY)
    since, until = at("2026-03-10 08:00"), at("2026-03-10 16:00")
    assert limits.working_seconds(away, since, until) == 3 * HOUR
    assert limits.working_seconds(off, since, until) == 1 * HOUR
    assert limits.working_seconds("/agencies/H44/other", since, until) == 8 * HOUR


def test_the_calendar_says_how_far_it_reaches() -> None:
    assert FileLimits(USUAL, REGISTRY).calendar_until == at("2027-02-05 00:00")
    confirmed = [replace(holiday, to_be_confirmed=False) for holiday in USUAL.holidays]
    assert FileLimits(replace(USUAL, holidays=confirmed), REGISTRY).calendar_until == at("2028-11-25 00:00")
    assert FileLimits(replace(USUAL, holidays=[]), REGISTRY).calendar_until == 0
