"""What the exporter must know of alerting, to show beside the rates; thresholds.toml is one way to say it."""

from typing import NamedTuple, Protocol


class RateLimit(NamedTuple):
    """Under which rate an alert is given, and from which denominator on."""

    threshold: float
    minimum: int


class Limits(Protocol):
    """Thresholds, working time and planned silences."""

    @property
    def calendar_until(self) -> float:
        """Up to when the public holidays are certain, in seconds since 1970."""

    def of_agency(self, metric: str, agency: str) -> RateLimit | None:
        """The limit of an agency's rate, None when it is not judged."""

    def of_group(self, metric: str, group: str) -> RateLimit | None:
        """The default of a group, None when there is none."""

    def silence_limit(self, agency: str) -> float:
        """Working seconds after which a source of the agency counts as silent."""

    def working_seconds(self, source: str, since: float, until: float) -> float:
        """Working time between two instants, planned silences of the source left out."""
