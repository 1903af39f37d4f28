"""The thresholds file as the exporter asks for it."""

from dashboards.alerts.calendar import Calendar, Span, instant
from dashboards.alerts.form import Thresholds
from dashboards.alerts.thresholds import seconds
from emc.registry import Registry
from sinks.prometheus.limits import RateLimit

_OLDEST = 90 * 86400
_NEVER = float("inf")


class FileLimits:
    """The limits of one thresholds file; fulfils `sinks.prometheus.limits.Limits`."""

    def __init__(self, thresholds: Thresholds, registry: Registry) -> None:
        self._thresholds, self._registry = thresholds, registry
        self._calendar = Calendar(thresholds)
        self._planned: dict[str, list[Span]] = {}
        for planned in thresholds.planned:
            end = _NEVER if planned.to is None else instant(planned.to)
            self._planned.setdefault(planned.source, []).append((instant(planned.from_), end))
        self._planned = {source: merged(spans) for source, spans in self._planned.items()}

    @property
    def calendar_until(self) -> float:
        """Up to when the public holidays are certain, in seconds since 1970."""
        return self._calendar.until

    def of_agency(self, metric: str, agency: str) -> RateLimit | None:
        """The agency's own limit, or the default of its group; None when there is neither."""
        below = self._thresholds.below.get(metric)
        if below is None:
            return None
        default = below.ministries if self._registry.agencies[agency].kind == "ministry" else below.localities
        own = below.agencies.get(agency)
        threshold = own.threshold if own is not None and own.threshold is not None else default
        minimum = own.minimum if own is not None and own.minimum is not None else below.minimum
        return None if threshold is None else RateLimit(threshold, minimum)

    def of_group(self, metric: str, group: str) -> RateLimit | None:
        """The default of a group, None when there is none."""
        below = self._thresholds.below.get(metric)
        threshold: float | None = None if below is None else getattr(below, group)
        return None if below is None or threshold is None else RateLimit(threshold, below.minimum)

    def silence_limit(self, agency: str) -> float:
        """Working seconds after which a source of the agency counts as silent."""
        silent = self._thresholds.silent
        return seconds(silent.agencies.get(agency, silent.after))

    def working_seconds(self, source: str, since: float, until: float) -> float:
        """Working time between two instants, planned silences left out; of 90 days at most."""
        begin = max(since, until - _OLDEST)
        return self._calendar.working_seconds(begin, until, self._planned.get(source, ()))


def merged(spans: list[Span]) -> list[Span]:
    """The spans in order, those that overlap as one."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    return found
