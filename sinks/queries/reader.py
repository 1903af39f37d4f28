"""Everything that is read out of the database, in the contract's forms, for commands, API and dashboards."""

from collections.abc import Iterator
from typing import Any

from emc.registry import Registry
from sinks.audit.audit import audit
from sinks.clickhouse.database import Database
from sinks.queries.dossiers import read_dossiers
from sinks.queries.explain import explain_dossier
from sinks.queries.rate_query import RateQuery, select
from sinks.queries.rates import read_rates
from sinks.queries.rejections import read_rejections, read_sources

__all__ = ["RateQuery", "Reader"]


class Reader:
    """Reads one database.

    What was asked wrongly raises `InputError`; an engine that is away `ComponentError`.
    """

    def __init__(self, database: Database, registry: Registry) -> None:
        self.database, self.registry = database, registry

    def rates(self, query: RateQuery | None = None) -> list[dict[str, Any]]:
        """The rates asked for, in a fixed order: by start, definition, then agencies before groups."""
        return read_rates(self.database, self.registry, select(query or RateQuery(), self.registry))

    def rejections(
        self,
        agency: str | None = None,
        limit: int = 100,
        before: str | None = None,
        cursor: str | None = None,
    ) -> dict[str, Any]:
        """The newest refused events of an agency (None: of all), and the cursor of those that follow."""
        return read_rejections(self.database, self.registry, agency, limit, before, cursor)

    def explain(self, dossier: str) -> dict[str, Any]:
        """A dossier's events, state, facts, and its place in every definition with the reason."""
        return explain_dossier(self.database, dossier)

    def dossiers(
        self,
        metric: str,
        agency: str,
        period: str,
        start: str,
        missing: bool = False,
        definition: str | None = None,
    ) -> Iterator[dict[str, Any]]:
        """The dossiers of a denominator, or only those missing from the numerator, each with the reason."""
        return read_dossiers(
            self.database,
            self.registry,
            metric=metric,
            agency=agency,
            period=period,
            start=start,
            missing=missing,
            definition=definition,
        )

    def audit(self) -> dict[str, Any]:
        """Recomputes states, cells and rates by a second way and compares: checked, different, unsettled."""
        return audit(self.database)

    def sources(self) -> list[dict[str, Any]]:
        """When each source of each agency was last seen."""
        return read_sources(self.database)
