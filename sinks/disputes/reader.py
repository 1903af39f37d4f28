"""What is asked about disputes, and kept of them."""

from collections import Counter
from typing import Any

from msgspec.structs import replace

from emc.access import Caller, Scope
from emc.errors import InputError
from emc.identifiers import dossier_agency
from emc.periods import last_day
from sinks.clickhouse.database import Database
from sinks.disputes.freezing import freeze
from sinks.disputes.frozen import read_frozen, read_snapshot, read_snapshots
from sinks.disputes.objected import Thread, correcting, read_objection, read_objections, would_be
from sinks.disputes.objecting import keep, meant, message_of, write
from sinks.disputes.objection import STATUSES, Objecting, Writing
from sinks.disputes.reconcile_query import ATTRIBUTIONS, Reconciling
from sinks.disputes.reconciliation import Reconciliation, compared
from sinks.disputes.reconciling import Span, reconcile
from sinks.disputes.snapshot import Wanted
from sinks.disputes.their_list import TheirList, read_list
from sinks.imports.reader import ImportReader
from sinks.queries.rate_query import ALL_PERIODS, RateQuery, first_day, one_of, registered, select
from sinks.queries.rates import read_rates
from sinks.queries.visible import EVERYTHING, NotVisible, guarded, require

_MOST_OPEN, _LONGEST_THREAD = 1000, 200


class DisputeReader(ImportReader):
    """The part of `sinks.queries.reader.Reader` that is about disputes."""

    def freeze(self, wanted: Wanted, by: str) -> dict[str, Any]:
        """Keeps rates as they are now, as a snapshot; for operators."""
        if self.visible != EVERYTHING:
            raise NotVisible("a snapshot is frozen by operators")
        return freeze(self.database, self.registry, wanted, by).whole()

    def snapshots(self) -> list[dict[str, Any]]:
        """All snapshots, the newest first."""
        return [each.told() for each in read_snapshots(self.database)]

    def snapshot(self, id_: str) -> dict[str, Any]:
        """One snapshot, with the definitions and positions of then."""
        return read_snapshot(self.database, id_).whole()

    def frozen(self, id_: str, agency: str | None = None, metric: str | None = None) -> list[dict[str, Any]]:
        """The rates of a snapshot: of one agency, or all that may be seen, groups too."""
        if agency is not None:
            require(self.visible.rates, registered(agency, self.registry))
        snapshot = read_snapshot(self.database, id_)
        return read_frozen(guarded(self.database, self.visible.rates), snapshot, agency, metric)

    def objections(
        self, agency: str | None = None, snapshot: str | None = None, status: str | None = None
    ) -> list[dict[str, Any]]:
        """Objections that may be seen, the newest first; those to dossiers only by who may read these."""
        if agency is not None:
            require(self.visible.rates, registered(agency, self.registry))
        if status is not None:
            one_of("status", status, STATUSES)
        told = (objection.told(messages) for objection, messages in read_objections(*self._where))
        wanted = {"agency": agency, "snapshot": snapshot, "status": status}
        asked = {name: value for name, value in wanted.items() if value is not None}
        return [each for each in told if all(each[name] == value for name, value in asked.items())]

    def objection(self, id_: str) -> dict[str, Any]:
        """One objection: what was written, what the rate would be, the events that correct it."""
        objection, messages = self._thread(id_)
        return objection.told(messages) | {
            "messages": [message.told() for message in messages],
            "effect": would_be(guarded(self.database, self.visible.rates), self.registry, objection),
            "correcting": correcting(self._dossiers_only, objection, messages),
        }

    def object_to(self, asked: Objecting, caller: Caller) -> dict[str, Any]:
        """Keeps an objection of an agency; answers as `objection`."""
        of_dossier = None if asked.dossier is None else dossier_agency(asked.dossier)
        agency = asked.agency or of_dossier or caller.agency
        if agency is None:
            raise InputError("agency is missing, expected the code of the agency that objects")
        registered(agency, self.registry)
        require(self.visible.rates if asked.dossier is None else self.visible.dossiers, agency)
        message = message_of(Writing(asked.text), caller)
        objection = meant(guarded(self.database, self.visible.rates), asked, agency)
        if len(self.objections(agency, status="open")) >= _MOST_OPEN:
            raise InputError(f"the agency has {_MOST_OPEN} open objections, expected fewer")
        keep(self.database, objection, message)
        return self.objection(objection.id)

    def write_about(self, id_: str, writing: Writing, caller: Caller) -> dict[str, Any]:
        """Adds to what was written about an objection; NotVisible where only operators may."""
        if (writing.decision is not None or writing.events) and Scope.ADMIN not in caller.scopes:
            raise NotVisible("an objection is decided by operators")
        objection, messages = self._thread(id_)
        if len(messages) >= _LONGEST_THREAD:
            raise InputError(f"{_LONGEST_THREAD} messages were written about it, expected a new objection")
        write(self.database, objection, message_of(writing, caller))
        return self.objection(id_)

    def blot_out(self, id_: str, message: str) -> dict[str, Any]:
        """Takes the text of a message away, for good; for who holds the tables."""
        objection, messages = self._thread(id_)
        found = next((each for each in messages if each.id == message), None)
        if found is None:
            raise InputError("there is no message of that id; `emc objections show` shows them")
        write(self.database, objection, replace(found, text=""))
        self.database.command(f"OPTIMIZE TABLE {self.database.stored('objection_messages')} FINAL")
        return self.objection(id_)

    def reconcile(self, asked: Reconciling, content: bytes) -> Reconciliation:
        """Holds an agency's list, or its totals, against what counts here; nothing of it is kept."""
        registered(asked.agency, self.registry)
        self._require(asked.agency)
        one_of("day", asked.day, ATTRIBUTIONS)
        one_of("period", asked.period, ALL_PERIODS)
        first = first_day("start", asked.start, asked.period)
        theirs = read_list(content)
        if isinstance(theirs, TheirList):
            span = Span(asked.agency, asked.day, first, last_day(asked.period, first))
            counts, found = reconcile(self._dossiers_only, span, theirs)
            return Reconciliation(asked, counts, found, theirs.repeated, [])
        query = RateQuery(agency=asked.agency, period=asked.period, start=asked.start)
        rates = read_rates(self._dossiers_only, self.registry, select(query, self.registry))
        ours = {(rate["metric"], rate["definition"]): rate for rate in rates}
        totals = [compared(total, ours.get((total.metric, total.definition))) for total in theirs]
        return Reconciliation(asked, Counter(), [], [], totals)

    def reconciled(self, asked: Reconciling, content: bytes) -> dict[str, Any]:
        """As `reconcile`, in the form of answers, with every difference."""
        found = self.reconcile(asked, content)
        return found.told(len(found.differences))

    @property
    def _where(self) -> tuple[Database, Database]:
        return guarded(self.database, self.visible.rates), self._dossiers_only

    def _thread(self, id_: str) -> Thread:
        return read_objection(*self._where, id_)
