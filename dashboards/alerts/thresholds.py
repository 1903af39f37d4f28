"""The thresholds file, read strictly: a key that is not known or a value of the wrong form is refused."""

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from dashboards.alerts.form import WEEKDAYS, Thresholds
from emc.definitions import METRICS
from emc.errors import SettingError
from emc.registry import GROUPS, Registry, load_registry

FILE = Path(__file__).parent / "thresholds.toml"
VARIABLE = "EMC_THRESHOLDS"
"""Names a site's own file; without it the one shipped holds."""
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def load_thresholds(path: Path = FILE, registry: Registry | None = None) -> Thresholds:
    """Reads a thresholds file; SettingError names the key and what is expected."""
    try:
        thresholds = msgspec.toml.decode(path.read_bytes(), type=Thresholds)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no UTF-8"
        raise SettingError(f"{path}: expected a readable TOML file ({reason})") from None
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise SettingError(f"{path}: {error}") from None
    for problem in _problems(thresholds, registry or load_registry()):
        raise SettingError(f"{path}: {problem}")
    return thresholds


def site_thresholds(path: str | None, registry: Registry | None = None) -> Thresholds:
    """The thresholds of the file that EMC_THRESHOLDS names, or (None) of the one shipped; errors as above."""
    if not path:
        return load_thresholds(registry=registry)
    try:
        return load_thresholds(Path(path), registry)
    except SettingError as error:
        raise SettingError(f"{VARIABLE}: {error}") from None


def seconds(duration: str) -> float:
    """A duration such as 1h30m in seconds."""
    return sum(int(count) * _UNITS[unit] for count, unit in re.findall(r"([0-9]+)(ms|[smhdw])", duration))


def weekdays_of(text: str) -> tuple[str, ...]:
    """The weekdays of `monday:friday`, one by one; none when the last is before the first."""
    first, _, last = text.partition(":")
    return WEEKDAYS[WEEKDAYS.index(first) : WEEKDAYS.index(last or first) + 1]


def _problems(thresholds: Thresholds, registry: Registry) -> list[str]:
    named = {f"below.{metric}": metric for metric in thresholds.below}
    named |= {f"dropped.metrics: {metric}": metric for metric in thresholds.dropped.metrics}
    problems = [f"{place}: expected a metric" for place, metric in named.items() if metric not in METRICS]
    if "data_reuse" not in thresholds.below:
        problems.append("below.data_reuse: expected; without ministries and localities it judges nobody")
    tables: dict[str, Mapping[str, object]] = {
        "dropped.agencies": thresholds.dropped.agencies,
        "coverage.agencies": thresholds.coverage.agencies,
        "silent.agencies": thresholds.silent.agencies,
        "agencies": thresholds.agencies,
    } | {f"below.{metric}.agencies": below.agencies for metric, below in thresholds.below.items()}
    for place, table in tables.items():
        problems += [
            f"{place}.{code}: expected a code of the agency registry"
            for code in table
            if code not in registry
        ]
    problems += [
        f"planned: {planned.source}: expected an agency of the registry"
        for planned in thresholds.planned
        if planned.source.split("/")[2] not in registry
    ]
    for holiday in thresholds.holidays:
        if holiday.to < holiday.from_:
            problems.append(f"holidays: {holiday.name}: `to` is before `from`")
    if not weekdays_of(thresholds.working_hours.weekdays):
        problems.append("working_hours.weekdays: the last day is before the first")
    if thresholds.working_hours.to <= thresholds.working_hours.from_:
        problems.append("working_hours: `to` is not after `from`")
    everybody = {**thresholds.agencies, "operators": thresholds.receivers.operators}
    for name, receiver in (everybody | {"on-call": thresholds.receivers.on_call}).items():
        if receiver.email is not None and thresholds.mail is None:
            problems.append(f"receiver {name} has an email, but there is no table [mail]")
    return problems


assert GROUPS == ("national", "ministries", "localities")  # the defaults of Below are named so
