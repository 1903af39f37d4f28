"""Everything that is read out of the database, in the contract's forms, for commands, API and dashboards."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from emc.definitions import Definition
from emc.identifiers import dossier_agency
from sinks.access.record import read_record
from sinks.audit.audit import audit
from sinks.clickhouse.database import Database
from sinks.disputes.reader import DisputeReader
from sinks.incidents.touching import Days, Told
from sinks.queries import pages
from sinks.queries.change_query import ChangeQuery
from sinks.queries.changes import read_change
from sinks.queries.dossiers import read_dossiers
from sinks.queries.explain import explain_dossier
from sinks.queries.incidents import read_incidents
from sinks.queries.metric_times import read_metric_times
from sinks.queries.rate_query import RateQuery, registered, select
from sinks.queries.rates import read_rates
from sinks.queries.rejections import read_rejections, read_sources
from sinks.queries.uncatalogued import mark_uncatalogued
from sinks.queries.visible import EVERYTHING, NotVisible, Visible, guarded, guarded_by_settler, require
from sinks.queries.warnings import read_warnings

__all__ = ["RateQuery", "Reader"]


class Reader(DisputeReader):
    """Reads one database.

    What was asked wrongly raises `InputError`; an engine that is away `ComponentError`.
    """

    def seeing(self, visible: Visible) -> "Reader":
        """A reader of the same tables that shows only this."""
        return Reader(self.database, self.registry, visible)

    def rates(
        self, query: RateQuery | None = None, among: Collection[tuple[str, str]] | None = None
    ) -> list[dict[str, Any]]:
        """The rates asked for, in a fixed order: by start, definition, then agencies before groups.

        `among`: only these of the definitions asked for, each as (metric, definition); None: all.
        """
        selection = select(query or RateQuery(), self.registry)
        if among is not None:
            wanted = tuple(each for each in selection.definitions if (each.metric, each.name) in among)
            selection = replace(selection, definitions=wanted)
        if selection.agency is not None:
            require(self.visible.rates, selection.agency)
        return read_rates(self.database, self.registry, selection, self.visible.rates)

    def marked(self, rates: list[dict[str, Any]], query: RateQuery | None = None) -> list[dict[str, Any]]:
        """Rates that `rates` answered to a query, those marked most of whose dossiers have no entry in the
        catalogue that they hang on: `no_catalogue`.
        """
        return mark_uncatalogued(self.database, self.registry, rates, query or RateQuery())

    def rejections(
        self,
        agency: str | None = None,
        limit: int = 100,
        before: str | None = None,
        cursor: str | None = None,
    ) -> dict[str, Any]:
        """The newest refused events of an agency (None: of all), and the cursor of those that follow."""
        self._require(agency)
        return read_rejections(self._dossiers_only, self.registry, agency, limit, before, cursor)

    def explain(self, dossier: str) -> dict[str, Any]:
        """A dossier's events, state, facts, and its place in every definition with the reason."""
        return explain_dossier(self._showing(dossier), dossier)

    def dossiers(
        self,
        metric: str,
        agency: str,
        period: str,
        start: str,
        missing: bool = False,
        definition: str | None = None,
        counted_for: str | None = None,
        after: tuple[str, str] | None = None,
        limit: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """The dossiers of a denominator, or only those missing from the numerator, each with the reason.

        `after`: those behind a place (day, dossier; for supply "", procedure); `limit`: at most so many.
        """
        self._require(agency)
        is_settled = counted_for == "settled"
        return read_dossiers(
            self._settled_too if is_settled else self._dossiers_only,
            self.registry,
            metric=metric,
            agency=agency,
            period=period,
            start=start,
            missing=missing,
            definition=definition,
            after=after,
            limit=limit,
            counted_for=counted_for,
        )

    def shows_dossiers_of(self, agency: str) -> bool:
        """Whether an agency's dossiers, rejections and sources may be seen."""
        return self.visible.dossiers is None or agency in self.visible.dossiers

    def shows_rates_of(self, agency: str) -> bool:
        """Whether an agency's own rates may be seen."""
        return self.visible.rates is None or agency in self.visible.rates

    def periods(self, period: str) -> list[date]:
        """The first days of the periods of this kind that have rates to show, the newest first."""
        return pages.read_periods(guarded(self.database, self.visible.rates), period)

    def levers(self, definition: Definition, agency: str, first: date, last: date) -> list[dict[str, Any]]:
        """The procedures that would raise an agency's rate most."""
        self._require(agency)
        return pages.read_levers(self._dossiers_only, definition, agency, first, last)

    def warnings(self, agency: str) -> list[dict[str, Any]]:
        """How many dossiers of an agency bear each warning."""
        self._require(agency)
        return pages.read_warnings(self._dossiers_only, agency)

    def causes(self, agency: str | None = None) -> list[dict[str, Any]]:
        """Refused events by what is wrong with them."""
        self._require(agency)
        return pages.read_causes(self._dossiers_only, agency)

    def arrived(self, agency: str) -> list[dict[str, Any]]:
        """The events of an agency that were accepted last."""
        self._require(agency)
        return pages.read_arrived(self._dossiers_only, agency)

    def shown(
        self, metric: str, definition: str, agency: str, period: str, start: date
    ) -> list[dict[str, Any]]:
        """What was shown of an agency's rate since when."""
        require(self.visible.rates, agency)
        database = guarded(self.database, self.visible.rates)
        return pages.read_shown(database, metric, definition, agency, period, start)

    def why(self, asked: ChangeQuery) -> dict[str, Any]:
        """The change of an agency's rate between two stretches of days, split by its parts."""
        self._require(asked.agency)
        database = self._settled_too if asked.counted_for == "settled" else self._dossiers_only
        return read_change(database, self.registry, asked)

    def incidents(self, agency: str | None = None, days: Days | None = None) -> list[Told]:
        """What is marked on rates of an agency (None: of all that may be seen), the newest first.

        `days`: only what touches this stretch.
        """
        if agency is not None:
            registered(agency, self.registry)
            require(self.visible.rates, agency)
        agencies = self.visible.rates if agency is None else self.registry.reports_of(agency)
        return read_incidents(guarded(self.database, self.visible.rates), agencies, days)

    def audit(self) -> dict[str, Any]:
        """Recomputes states, cells and rates by a second way and compares: checked, different, unsettled."""
        if self.visible != EVERYTHING:
            raise NotVisible("an audit is for operators")
        return audit(self.database)

    def sources(self) -> list[dict[str, Any]]:
        """When each source of each agency was last seen."""
        found = [self._listed(each) for each in read_sources(self._dossiers_only)]
        return sorted(found, key=lambda each: (each["agency"], each["source"]))

    def metric_times(self, agency: str) -> list[dict[str, Any]]:
        """Up to when each metric is known of an agency, by source."""
        registered(agency, self.registry)
        self._require(agency)
        found = read_metric_times(self._dossiers_only, agency)
        for metric in found:
            metric["sources"] = [self._listed(each) for each in metric["sources"]]
        return found

    def dossier_warnings(
        self, agency: str | None, limit: int, after: tuple[str, str, str] | None = None
    ) -> list[dict[str, Any]]:
        """Odd facts of dossiers (None: of all); `after`: behind a place (agency, dossier, warning)."""
        self._require(agency)
        return read_warnings(self._dossiers_only, self.registry, agency, limit, after)

    def has_heard(self, source: str, dossier: str) -> bool:
        """Whether an event of a dossier was accepted from a source."""
        heard = self.database.query(
            "SELECT 1 FROM events WHERE agency = {agency:String} AND subject = {dossier:String}"
            " AND source = {source:String} LIMIT 1",
            {"agency": dossier_agency(dossier) or "", "dossier": dossier, "source": source},
        )
        return bool(heard)

    def written_until(self) -> object:
        """Something that changes whenever rates may have changed."""
        return self.database.query("SELECT max(version), sum(version), count() FROM commits FINAL")

    def mark(self) -> str:
        """Something that changes whenever anything may have that pages show."""
        return pages.read_mark(self.database)

    def access_record(
        self, limit: int, before: tuple[int, str] | None = None
    ) -> tuple[list[dict[str, Any]], tuple[int, str] | None]:
        """The newest sign-ins, tokens made and revoked, refusals and exports, and the place that follows.

        `before`: a place (ms, id).
        """
        return read_record(self.database, self.visible.dossiers, limit, before)

    @property
    def _settled_too(self) -> Database:
        """With the dossiers that the agencies settle for others, and the catalogues of those."""
        return guarded_by_settler(self.database, self.visible.dossiers)

    def _showing(self, dossier: str) -> Database:
        """Where a dossier is looked for: it may be one that is coded with another agency and settled here."""
        agency, mine = dossier_agency(dossier), self.visible.dossiers
        if mine is None or agency is None or agency in mine:
            return self._dossiers_only
        found = self._settled_too.query(
            "SELECT 1 FROM dossiers FINAL WHERE agency = {agency:String} AND dossier = {dossier:String}",
            {"agency": agency, "dossier": dossier},
        )
        return self.database if found else self._dossiers_only
