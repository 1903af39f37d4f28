"""Which change of a rate is asked about."""

from typing import NamedTuple

USUAL_PERIOD = "last7"
USUAL_PARTS = "procedure"
BY = ("procedure", "unit", "source", "entry", "definition")
"""By what a change can be split."""


class ChangeQuery(NamedTuple):
    """Whose rate, and from which stretch of days to which: each begins on a day and is one `period` long.

    `by`: the parts whose contributions are wanted.
    """

    metric: str
    agency: str
    from_: str
    to: str
    period: str = USUAL_PERIOD
    definition: str | None = None
    by: str = USUAL_PARTS
    counted_for: str = "code"
