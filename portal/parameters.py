"""The query parameters of the API, as declared to the framework; their meaning is checked by the readers."""

from pydantic import BaseModel, ConfigDict, Field


class _Strict(BaseModel):
    """A parameter that is not named is an error, not ignored: a typing mistake must not widen a result."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False)


class RateParameters(_Strict):
    """Which rates; everything may be left out."""

    metric: str | None = None
    definition: str | None = None
    agency: str | None = None
    group: str | None = None
    period: str | None = None
    start: str | None = None
    from_: str | None = Field(default=None, alias="from")
    to: str | None = None
    structure: str | None = None
    as_of: str | None = None
    counted_for: str | None = None


class RatePageParameters(RateParameters):
    """Which rates, in which form, and which page of them."""

    format: str = "json"
    limit: int = 10_000
    cursor: str | None = None


class PageParameters(_Strict):
    """How many at most, and from where on: `cursor` is what an earlier answer gave as `next`."""

    limit: int = 1000
    cursor: str | None = None


class AgencyPageParameters(PageParameters):
    """Of one agency, or of all that may be seen."""

    agency: str | None = None


class OfAgencyParameters(PageParameters):
    """Of one agency."""

    agency: str


class RejectionParameters(_Strict):
    """Which refused events: of one agency or all, the newest or those strictly before an instant.

    `cursor`: those that follow an earlier answer, as its `next` said.
    """

    agency: str | None = None
    limit: int = 100
    before: str | None = None
    cursor: str | None = None


class ChangeParameters(_Strict):
    """The rate, the first days of the two stretches that are compared, each one `period` long, and the parts
    whose contributions are wanted: `by` procedure, unit, source, entry or definition.
    """

    metric: str
    agency: str
    from_: str = Field(alias="from")
    to: str
    period: str = "last7"
    definition: str | None = None
    by: str = "procedure"
    counted_for: str = "code"


class IncidentParameters(AgencyPageParameters):
    """Of one agency, or of all that may be seen; those that touch a day from `from` to `to`."""

    from_: str | None = Field(default=None, alias="from")
    to: str | None = None


class DossierParameters(_Strict):
    """The rate whose dossiers are wanted; `missing`: only those that are not in the numerator."""

    metric: str
    agency: str
    period: str
    start: str
    definition: str | None = None
    missing: bool = False
    counted_for: str | None = None
    limit: int = 1000
    cursor: str | None = None


class DossierSyncParameters(_Strict):
    """Who reports, from which system, and as of when; by default the caller, at the moment of arrival."""

    agency: str | None = None
    system: str = "dossier-sync"
    as_of: str | None = None


class AgencyParameter(_Strict):
    """One agency."""

    agency: str


class ImportsParameters(_Strict):
    """Which imports: of one agency or all, the newest."""

    agency: str | None = None
    limit: int = 100


class FrozenParameters(PageParameters):
    """Which rates of a snapshot: of one agency, of one metric, or all that may be seen."""

    agency: str | None = None
    metric: str | None = None
    format: str = "json"
    limit: int = 10_000


class ObjectionParameters(AgencyPageParameters):
    """Objections of one agency, to rates of one snapshot, of one status, or all that may be seen."""

    snapshot: str | None = None
    status: str | None = None


class ReconcileParameters(AgencyParameter):
    """Against what a list is held: what counts in a period by `day`, receipt or resolution."""

    start: str
    period: str = "month"
    day: str = "receipt"
    format: str = "json"
    limit: int = 1000


class NoParameters(_Strict):
    """Takes none."""
