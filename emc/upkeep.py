"""Settings of the work that a worker does beside the stream, so that it can run for years.

EMC_AUDIT_EVERY                seconds in which every agency is audited once; 0: never (default 3600)
EMC_EVENTS_RETENTION_DAYS      how long the table events keeps events; not set: for ever
EMC_REJECTIONS_RETENTION_DAYS  how long the table rejections keeps its rows; not set: for ever
EMC_BROKEN_SHARE               share of refused events above which a source is broken (default 0.5)
EMC_BROKEN_LEAST               … if at least so many were refused (default 100)
EMC_BROKEN_WINDOW              … within so many seconds (default 900)
"""

from collections.abc import Mapping

import msgspec

from emc.errors import SettingError


class Upkeep(msgspec.Struct, frozen=True):
    """When to audit (seconds), what to keep (days, None: all), and when a source counts as broken."""

    audit_every: float = 3600.0
    events_days: int | None = None
    rejections_days: int | None = None
    broken_share: float = 0.5
    broken_least: int = 100
    broken_window: int = 900
    topic_days: int | None = None
    rejected_topic_days: int = 90

    def days_kept(self, table: str) -> int | None:
        """How many days a table keeps its rows; None: for ever."""
        return {"events": self.events_days, "rejections": self.rejections_days}[table]


def upkeep(environment: Mapping[str, str]) -> Upkeep:
    """The settings of the environment; SettingError names the key, its value and what is expected."""
    found = Upkeep()
    return Upkeep(
        audit_every=_number(environment, "EMC_AUDIT_EVERY", 0, 1e9, found.audit_every),
        events_days=_days(environment, "EMC_EVENTS_RETENTION_DAYS"),
        rejections_days=_days(environment, "EMC_REJECTIONS_RETENTION_DAYS"),
        broken_share=_number(environment, "EMC_BROKEN_SHARE", 0, 1, found.broken_share),
        broken_least=int(_number(environment, "EMC_BROKEN_LEAST", 1, 1e9, found.broken_least)),
        broken_window=int(_number(environment, "EMC_BROKEN_WINDOW", 60, 86_400, found.broken_window)),
        topic_days=_days(environment, "EMC_TOPIC_RETENTION_DAYS"),
        rejected_topic_days=_days(environment, "EMC_REJECTED_TOPIC_RETENTION_DAYS")
        or found.rejected_topic_days,
    )


def _days(environment: Mapping[str, str], name: str) -> int | None:
    return int(_number(environment, name, 1, 100_000, 1)) if environment.get(name) else None


def _number(environment: Mapping[str, str], name: str, least: float, most: float, default: float) -> float:
    text = environment.get(name)
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not least <= number <= most:
        raise SettingError(f"{name} is {text!r}, expected a number from {least:g} to {most:g}")
    return number
