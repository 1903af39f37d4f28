"""Thresholds for SQL: those of the alerts' file, so that a dashboard and an alert judge alike."""

from collections.abc import Sequence

from dashboards.alerts.form import Thresholds
from dashboards.sql.overview import Limit


def reuse_limits(thresholds: Thresholds) -> tuple[Sequence[Limit], int]:
    """Thresholds of data reuse by condition on agency and kind, and the smallest denominator judged."""
    below = thresholds.below["data_reuse"]
    own = [
        (f"agency = '{agency}'", other.threshold)
        for agency, other in sorted(below.agencies.items())
        if other.threshold is not None
    ]
    ministries, localities = of_groups(thresholds)
    return [*own, ("kind = 'ministry'", ministries), ("true", localities)], below.minimum


def of_groups(thresholds: Thresholds) -> tuple[float, float]:
    """The defaults of ministries and of localities; 0 where there is none."""
    below = thresholds.below["data_reuse"]
    return below.ministries or 0.0, below.localities or 0.0
