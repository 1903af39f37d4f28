"""One scenario of an alert, turned into promtool tests: it fires and resolves, stays quiet, has no data.

Time runs in minutes from 0. Values are good for ten minutes, then bad for as long as it takes, then good
again; all times follow from the rule's own `for` and `keep_firing_for`, so a changed threshold needs no
changed test.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dashboards.alerts.form import Thresholds
from dashboards.alerts.rule import Rule
from dashboards.alerts.thresholds import seconds

CALM = 10
GONE = "stale"
"""A value: the series ends here."""


@dataclass(frozen=True)
class Growing:
    """The value of a counter: by how much it grows in a minute."""

    per_minute: float


Value = str | float | Growing
Test = dict[str, object]


@dataclass(frozen=True)
class Scenario:
    """`varying`: series with their good and their bad value; `steady`: series that stay.

    `labels` and `summary`: what the alert must bear. `quiet`: by title, values that differ from the bad ones
    and must not raise the alert. `rise` and `fall`: minutes until the expression sees a change. `needs_data`
    is false when no data is just what the alert tells.
    """

    alert: str
    varying: Mapping[str, tuple[Value, Value]]
    summary: str
    steady: Mapping[str, Value] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    quiet: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    rise: int = 0
    fall: int = 0
    needs_data: bool = True

    def tests(self, rule: Rule, thresholds: Thresholds) -> Iterator[Test]:
        """The tests of the scenario, for the rule that it is about."""
        wait, keep = _minutes(rule.for_), _minutes(rule.keep_firing_for)
        fires = CALM + self.rise + wait + 1
        ends = fires + 4
        length = ends + self.fall + keep + 10
        yield self._fires_and_resolves(rule, thresholds, fires, ends, keep, length)
        bad = dict(self.steady) | {series: value for series, (_, value) in self.varying.items()}
        for title, different in self.quiet.items():
            yield self._silent(f"quiet: {title}", bad | dict(different), fires + 4)
        if self.needs_data:
            yield self._silent("quiet: no data", dict(self.steady), fires + 4)

    def _fires_and_resolves(
        self, rule: Rule, thresholds: Thresholds, fires: int, ends: int, keep: int, length: int
    ) -> Test:
        series = {name: _steady(value, length) for name, value in self.steady.items()}
        series |= {name: _varying(*values, ends, length) for name, values in self.varying.items()}
        alerts = [
            {
                "exp_labels": rule.labels() | dict(self.labels),
                "exp_annotations": self._annotations(rule, thresholds),
            }
        ]
        checks = [self._firing(CALM - 1, 0), self._firing(ends, 1)]
        if _minutes(rule.for_) > 1:
            checks.append(self._firing(fires - 2, 0) if not self.rise else self._firing(CALM + 1, 0))
        if keep > 1:
            checks.append(self._firing(ends + keep - 1, 1))
        checks.append(self._firing(ends + self.fall + keep + 3, 0))
        return _test(f"{self.alert}: fires and resolves", series) | {
            "alert_rule_test": [{"eval_time": f"{fires}m", "alertname": self.alert, "exp_alerts": alerts}],
            "promql_expr_test": checks,
        }

    def _annotations(self, rule: Rule, thresholds: Thresholds) -> dict[str, str]:
        expected = rule.annotations(thresholds) | {"summary": self.summary}
        place = expected["dashboard"]
        for name in ("agency", "metric", "definition"):
            place = place.replace(f"{{{{ $labels.{name} }}}}", self.labels.get(name, ""))
        return expected | {"dashboard": place}

    def _silent(self, title: str, values: Mapping[str, Value], length: int) -> Test:
        series = {name: _steady(value, length) for name, value in values.items() if value != GONE}
        checks = [self._firing(at, 0) for at in (1, length // 2, length)]
        return _test(f"{self.alert}: {title}", series) | {"promql_expr_test": checks}

    def _firing(self, at: int, count: int) -> Test:
        return firing(f'alertname="{self.alert}"', f"{at}m", count)


def firing(matcher: str, at: str, count: int) -> Test:
    """A check: that many alerts that match fire at that time."""
    return {
        "expr": f'count(ALERTS{{alertstate="firing", {matcher}}})',
        "eval_time": at,
        "exp_samples": [{"labels": "{}", "value": count}] if count else [],
    }


def _test(name: str, series: Mapping[str, str]) -> Test:
    return {
        "name": name,
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
    }


def _steady(value: Value, length: int) -> str:
    if isinstance(value, Growing):
        return f"0+{value.per_minute:g}x{length}"
    return f"{_number(value)}x{length}"


def _varying(good: Value, bad: Value, ends: int, length: int) -> str:
    """Good in the minutes 0 to 9, bad from 10 up to and with `ends`, then good again."""
    worse, after = ends - CALM, length - ends
    if isinstance(good, Growing) and isinstance(bad, Growing):
        top = good.per_minute * CALM
        peak = top + bad.per_minute * (worse + 1)
        calm = f"0+{good.per_minute:g}x{CALM - 1}"
        return f"{calm} {top:g}+{bad.per_minute:g}x{worse} {peak:g}+{good.per_minute:g}x{after}"
    end = f"stale _x{worse}" if bad == GONE else f"{_number(bad)}x{worse}"
    return f"{_number(good)}x{CALM - 1} {end} {_number(good)}x{after}"


def _number(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _minutes(duration: str | None) -> int:
    return 0 if duration is None else math.ceil(seconds(duration) / 60)
