"""The rates of one period, found by measure and by whose they are; and the four that stand first."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from emc.definitions import DEFINITIONS, METRICS, Definition

Rate = Mapping[str, Any]


class Measure(NamedTuple):
    """A metric under one of its definitions."""

    metric: str
    definition: str


HEADLINE = (
    Measure("online_submission", "channel"),
    Measure("full_online_supply", "eligible"),
    Measure("electronic_result", "resolved"),
    Measure("data_reuse", "received"),
)
ONLINE, SUPPLY, RESULT, REUSE = HEADLINE
EVERY = tuple(Measure(definition.metric, definition.name) for definition in DEFINITIONS)
_DEFINITION = {Measure(definition.metric, definition.name): definition for definition in DEFINITIONS}
SHORT: Mapping[str, str] = {
    "online_submission": "Submitted online",
    "full_online_use": "Full-online dossiers",
    "full_online_supply": "Full-online services",
    "online_supply": "Online services",
    "electronic_result": "Electronic result",
    "data_reuse": "Data reused",
    "on_time": "On time",
    "digitised": "Digitised",
    "identified": "Identified",
    "online_payment": "Paid online",
}
"""Metrics in two words, for headings."""
assert set(SHORT) == set(METRICS)


def definition_of(measure: Measure) -> Definition:
    """The definition of a measure; KeyError for one that is none."""
    return _DEFINITION[measure]


_LEAST_COMPARED = 20


class Rates:
    """Rates of one period."""

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._by = {
            (Measure(rate["metric"], rate["definition"]), rate.get("agency") or rate["group"]): rate
            for rate in rates
        }
        self._whose = {whose for _, whose in self._by}

    def of(self, measure: Measure, whose: str) -> Rate | None:
        """The rate of an agency or group; None when it has no row."""
        return self._by.get((measure, whose))

    def share(self, measure: Measure, whose: str) -> float | None:
        """Its value; None without a row or a denominator."""
        rate = self.of(measure, whose)
        return None if rate is None else rate["rate"]

    def share_before(self, measure: Measure, whose: str, now: "Rates") -> float | None:
        """Its value, to compare one of `now` with; None below twenty dossiers, or a tenth of now."""
        before, after = self.of(measure, whose), now.of(measure, whose)
        if before is None or after is None:
            return None
        least = max(_LEAST_COMPARED, after["denominator"] / 10)
        is_enough = before["denominator"] >= least or definition_of(measure).day == "state"
        return before["rate"] if is_enough else None

    def agencies(self, measure: Measure) -> list[str]:
        """The agencies that have a row of this measure."""
        return [whose for (found, whose), rate in self._by.items() if found == measure and "agency" in rate]

    def has_any(self, whose: str) -> bool:
        """Whether an agency or group has a rate of any measure."""
        return whose in self._whose

    def __bool__(self) -> bool:
        return bool(self._by)
