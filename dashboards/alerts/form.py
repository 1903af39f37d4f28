"""The form of the thresholds file: its tables, each a class of the same name."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Duration = Annotated[
    str, Meta(pattern=r"^([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$", min_length=2)
]
_DAY = "(mon|tues|wednes|thurs|fri|satur|sun)day"
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=0)]
TimeOfDay = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]


class _Strict(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"for_": "for", "from_": "from"}
):
    """A table of the file."""


class Links(_Strict, frozen=True):
    """Where dashboards and the runbook are, as people reach them."""

    grafana: str
    runbook: str


class WorkingHours(_Strict, frozen=True):
    """A weekday or a range of them, Monday being the first, and times of day in Asia/Ho_Chi_Minh."""

    weekdays: Annotated[str, Meta(pattern=f"^{_DAY}(:{_DAY})?$")]
    from_: TimeOfDay
    to: TimeOfDay


class Holiday(_Strict, frozen=True):
    """The first and the last of some days off; `to_be_confirmed`: the government's notice is not out yet."""

    name: str
    from_: date
    to: date
    to_be_confirmed: bool = False


class Judged(_Strict, frozen=True):
    """Until which day of a month the previous one is judged too."""

    previous_month_until_day: Annotated[int, Meta(ge=0, le=28)]


Window = Literal["last7", "last28"]


class BelowOverride(_Strict, frozen=True):
    """What is different for one agency."""

    threshold: Share | None = None
    minimum: Count | None = None
    for_: Duration | None = None


class Below(_Strict, frozen=True):
    """A metric's thresholds, by group. `window`: days that are judged beside the month, over a minimum of
    their own.
    """

    minimum: Count
    for_: Duration
    keep_firing_for: Duration
    ministries: Share | None = None
    localities: Share | None = None
    national: Share | None = None
    window: Window | None = None
    window_minimum: Count = 0
    agencies: Mapping[str, BelowOverride] = {}


class DropOverride(_Strict, frozen=True):
    """What is different for one agency."""

    minimum: Count | None = None
    at_least: Share | None = None


class Dropped(_Strict, frozen=True):
    """When a rate has jumped, down or up, by more than usual."""

    metrics: Annotated[list[str], Meta(min_length=1)]
    factor: Annotated[float, Meta(gt=0)]
    at_least: Share
    minimum: Count
    for_: Duration
    keep_firing_for: Duration
    agencies: Mapping[str, DropOverride] = {}


class CoverageOverride(_Strict, frozen=True):
    """What is different for one agency."""

    threshold: Share | None = None
    minimum: Count | None = None


class Coverage(_Strict, frozen=True):
    """When too little of what was declared arrives."""

    threshold: Share
    minimum: Count
    for_: Duration
    keep_firing_for: Duration
    agencies: Mapping[str, CoverageOverride] = {}


class Silent(_Strict, frozen=True):
    """After how much working time a source counts as silent; `agencies`: another time for some."""

    after: Duration
    all_after: Duration
    keep_firing_for: Duration
    agencies: Mapping[str, Duration] = {}


class Planned(_Strict, frozen=True):
    """A planned silence of a source, as instants with offset; without `to` it has been switched off."""

    source: Annotated[str, Meta(pattern="^/agencies/[A-Y][0-9]{2}(/[A-Za-z0-9._-]{1,64})?$")]
    from_: Annotated[datetime, Meta(tz=True)]
    reason: str
    to: Annotated[datetime, Meta(tz=True)] | None = None


class Rejections(_Strict, frozen=True):
    """When too many of an agency's events are refused."""

    share: Annotated[float, Meta(gt=0, le=1)]
    minimum: Count
    for_: Duration
    keep_firing_for: Duration


class PipelineLimits(_Strict, frozen=True):
    """When the pipeline itself needs somebody."""

    lag: Count
    lag_for: Duration
    stuck_for: Duration
    unavailable_for: Duration
    missing_for: Duration
    no_rates_for: Duration
    parts: Count
    disk_filling: Share
    disk_full: Share
    memory: Share
    audit_overdue: Duration
    calendar_ends: Count
    keep_firing_for: Duration


class Receiver(_Strict, frozen=True):
    """Where notifications go: a URL, a mail address, or both."""

    webhook: str | None = None
    email: str | None = None


class Receivers(_Strict, frozen=True, rename={"on_call": "on-call"}):
    """The three that are always there."""

    operators: Receiver
    on_call: Receiver
    watchdog: Receiver


class Mail(_Strict, frozen=True):
    """How mail goes out."""

    smarthost: str
    from_: str
    username: str | None = None
    password_file: str | None = None


class Pace(_Strict, frozen=True):
    """How often is scraped, judged and said."""

    group_wait: Duration
    group_interval: Duration
    repeat_interval: Duration
    page_repeat_interval: Duration
    watchdog_interval: Duration
    scrape_interval: Duration
    evaluation_interval: Duration


class Thresholds(_Strict, frozen=True):
    """The whole file."""

    links: Links
    working_hours: WorkingHours
    judged: Judged
    below: Mapping[str, Below]
    dropped: Dropped
    coverage: Coverage
    silent: Silent
    rejections: Rejections
    pipeline: PipelineLimits
    receivers: Receivers
    pace: Pace
    holidays: list[Holiday] = []
    planned: list[Planned] = []
    agencies: Mapping[str, Receiver] = {}
    mail: Mail | None = None
