"""What a reader may see. Rights are decided in one place, `portal.access.guard`; here they are kept to.

A restriction holds twice: the queries name the agencies they read, and the engine itself is told, for each
query, which rows of which table exist at all. So a query that forgets its condition still shows nothing.
"""

from dataclasses import dataclass

from emc.errors import EmcError
from emc.identifiers import is_agency
from sinks.clickhouse.database import Database
from sinks.queries.facts import SETTLER

Agencies = frozenset[str] | None
"""Level-1 codes; None stands for all, also for what belongs to none."""

_RATES = ("rates", "rate_history", "tallies", "commits", "freshness")
_DOSSIERS = (
    *("dossiers", "events", "procedures", "declarations", "sources", "rejections", "conflicts"),
    *("imports", "import_refusals", "mappings", "notices", "feeds"),
    *("objections", "objection_messages"),
)
_EVERYBODYS_TOO = ("incidents", "snapshot_rates")
"""Some of their rows have no agency and are for everybody: what concerns all, and the rates of groups."""


class NotVisible(EmcError):
    """Asked for what the caller may not see."""


@dataclass(frozen=True)
class Visible:
    """The agencies whose rates, and those whose dossiers, rejections and sources may be seen."""

    rates: Agencies = None
    dossiers: Agencies = None


EVERYTHING = Visible()
"""For who holds the tables themselves: commands on a data directory or a server, the exporter."""


def require(agencies: Agencies, agency: str) -> None:
    """NotVisible unless this agency is among those that may be seen."""
    if agencies is not None and agency not in agencies:
        raise NotVisible("this belongs to another agency")


def guarded(database: Database, agencies: Agencies) -> Database:
    """The database in which, for the engine, only rows of these agencies exist."""
    if agencies is None:
        return database
    condition = agency_in(agencies)
    settled = f"{condition} OR {agency_in(agencies, 'settler')}"
    others = {"settled": settled, **dict.fromkeys(_EVERYBODYS_TOO, f"{condition} OR agency = ''")}
    return database.filtered(dict.fromkeys((*_RATES, *_DOSSIERS), condition) | others)


def guarded_by_settler(database: Database, agencies: Agencies) -> Database:
    """The database in which the dossiers that these agencies settle for others exist too.

    With them the others' catalogues, by which these dossiers count; of the rest only the agencies' own.
    """
    if agencies is None:
        return database
    own = agency_in(agencies)
    settled = {
        "dossiers": f"{own} OR {agency_in(agencies, SETTLER)}",
        "settled": f"{own} OR {agency_in(agencies, 'settler')}",
        "procedures": "1",
        **dict.fromkeys(_EVERYBODYS_TOO, f"{own} OR agency = ''"),
    }
    return database.filtered(dict.fromkeys((*_RATES, *_DOSSIERS), own) | settled)


def agency_in(agencies: frozenset[str], column: str = "agency") -> str:
    """A condition on a column of level-1 codes."""
    assert all(map(is_agency, agencies)), "codes of the registry"
    listed = ", ".join(f"'{code}'" for code in sorted(agencies))
    return f"{column} IN ({listed})" if agencies else "0"
