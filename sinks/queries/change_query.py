"""Which change of a rate is asked about."""

from typing import NamedTuple

USUAL_PERIOD = "last7"


class ChangeQuery(NamedTuple):
    """Whose rate, and from which stretch of days to which: each begins on a day and is one `period` long."""

    metric: str
    agency: str
    from_: str
    to: str
    period: str = USUAL_PERIOD
    definition: str | None = None
