"""One alert rule, and the small pieces that expressions are made of."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from dashboards.alerts.form import Thresholds
from sinks.prometheus.metrics import Named

Scope = Literal["agency", "pipeline", "watchdog"]
Dashboard = Literal["overview", "agency", "agency:rate", "data-reuse", "connections", "pipeline"]
"""`agency:rate`: that of the agency, at the rate that the alert is about."""
Severity = Literal["notice", "ticket", "page", "none"]
_HANOI = 7 * 3600


@dataclass(frozen=True)
class Rule:
    """An alert. `scope` and `severity` decide who is told; `hides_agencies`: while it fires, alerts of
    agencies are held back, because they would be its consequence. `dashboard`: the one to open.
    """

    alert: str
    expr: str
    scope: Scope
    severity: Severity
    summary: str
    look_at: str
    dashboard: Dashboard
    for_: str | None = None
    keep_firing_for: str | None = None
    hides_agencies: bool = False

    def labels(self) -> dict[str, str]:
        """The labels that the rule adds."""
        labels: dict[str, str] = {"scope": self.scope, "severity": self.severity}
        return labels | ({"hides": "agency"} if self.hides_agencies else {})

    def annotations(self, thresholds: Thresholds) -> dict[str, str]:
        """Summary, what to look at, and where: dashboard and runbook."""
        links = thresholds.links
        board, _, rate = self.dashboard.partition(":")
        place = f"{links.grafana}/d/emc-{board}"
        if self.scope == "agency":
            place += "?var-agency={{ $labels.agency }}"
        if rate:
            place += "&var-definition={{ $labels.metric }}/{{ $labels.definition }}"
        return {
            "summary": self.summary,
            "description": self.look_at,
            "dashboard": place,
            "runbook_url": f"{links.runbook}#{self.alert.lower()}",
        }

    def as_yaml(self, thresholds: Thresholds) -> dict[str, object]:
        """The rule as Prometheus reads it."""
        rule: dict[str, object] = {"alert": self.alert, "expr": self.expr}
        if self.for_ is not None:
            rule["for"] = self.for_
        if self.keep_firing_for is not None:
            rule["keep_firing_for"] = self.keep_firing_for
        return rule | {"labels": self.labels(), "annotations": self.annotations(thresholds)}


AGENCY_NAME = (
    "{{ with printf `max by (name) (last_over_time(emc_agency_info{agency=%q}[10m]))` $labels.agency "
    "| query }}{{ . | first | label `name` }}{{ end }} ({{ $labels.agency }})"
)
"""The agency's name and code in a summary; asked for, so that a change of name makes no new alert.

Of the last minutes, for the exporter may just have missed a scrape.
"""

PERIOD_NAME = (
    '{{ if eq $labels.period "month" }}this month{{ else if eq $labels.period "last7" }}in the last 7 days'
    '{{ else if eq $labels.period "last28" }}in the last 28 days{{ else }}in the previous month{{ end }}'
)

THRESHOLD_SHOWN = (
    "{{ with printf `max(last_over_time(emc_rate_threshold{metric=%q, agency=%q}[10m]))` $labels.metric "
    "$labels.agency | query }}"
    "{{ . | first | value | humanizePercentage }}{{ end }}"
)
"""The threshold of the alert's metric and agency."""


def pick(how: str, by: Iterable[str], metric: Named, matchers: str = "") -> str:
    """One series for each `by`, whichever of several exporters or workers tells it: max by (…) (name{…})."""
    selector = f"{metric.name}{{{matchers}}}" if matchers else metric.name
    labels = ", ".join(by)
    return f"{how} by ({labels}) ({selector})" if labels else f"{how}({selector})"


def matching(*matchers: str) -> str:
    """Matchers as one text, empty ones left out."""
    return ", ".join(matcher for matcher in matchers if matcher)


def of_these(agencies: Iterable[str]) -> str:
    """The matcher for an agency with values of its own, or, of several, for all that have none."""
    codes = "|".join(sorted(agencies))
    return f'agency!~"|{codes}"' if codes else 'agency!=""'


def judged(by: Iterable[str], metric: Named, matchers: str, thresholds: Thresholds) -> str:
    """The metric in the periods judged: the current month, and in its first days the previous one."""
    last_day = thresholds.judged.previous_month_until_day
    month, previous = (
        f"{metric.name}{{{matching(matchers, period)}}}"
        for period in ('period="month"', 'period="previous_month"')
    )
    return (
        f"max by ({', '.join(by)}) (\n  {month}\n  or\n  {previous}\n"
        f"    and on () (day_of_month(vector(time() + {_HANOI})) <= {last_day})\n)"
    )
