"""What explains the numbers of a page: incidents in its period, marked on its trends, listed below."""

from typing import Any

from portal.access.guard import Seen
from portal.pages.periods import Period
from sinks.incidents.touching import marked_days


def incidents_of(seen: Seen, period: Period, agency: str | None = None) -> dict[str, Any]:
    """`incidents` that the caller may see, of an agency or of all, and the days `marked` by them."""
    found = seen.reader.incidents(agency, (period.start, period.last))
    return {"incidents": found, "marked": marked_days(found, period.start, period.last)}
