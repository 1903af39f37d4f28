"""One agency's part of the state, and the step that moves it: events in, absolute rows out.

The order inside a batch: catalogue entries (they restate what is counted already), declarations, then
dossiers, each moving from cell to cell. Every row that an event touches is written, also when it ends as it
was: a late write of an old owner is then overwritten by the next owner's.
"""

from collections.abc import Sequence

from emc.verdicts import Accepted
from streams.agencies.change import Change, mark_of
from streams.agencies.state import AgencyState
from streams.agencies.store import Store
from streams.batch.rows import Put


class Ledger:
    """The part of one agency: its state in memory, over the local store for the rest."""

    def __init__(self, state: AgencyState, local: Store) -> None:
        self.state, self.local = state, local

    @property
    def agency(self) -> str:
        """Its code."""
        return self.state.agency

    @property
    def version(self) -> int:
        """That of its newest rows; 0 when there are none."""
        return self.state.version

    def is_due(self, today: int) -> bool:
        """Whether its supply was written for another day than this."""
        return bool(self.version) and self.state.renewed != today

    def mark(self) -> Put:
        """The pair that marks the part complete at the present version."""
        return mark_of(self.state)

    def apply(self, events: Sequence[Accepted], version: int, today: int, shown_at: int) -> Change:
        """Folds a batch of this agency's events; `version` is that of all rows that come of it.

        Raises Inconsistent when the local store cannot be right; nothing may then be kept of this ledger.
        """
        state, change = self.state, Change(self.state, self.local, version, today, shown_at)
        if state.renewed not in (0, today):
            change.rates.renew()
        dossiers: dict[str, list[Accepted]] = {}
        others: dict[str, list[Accepted]] = {"procedure": [], "declaration": [], "heartbeat": []}
        for event in events:
            if event.kind == "dossier":
                dossiers.setdefault(event.subject, []).append(event)
            else:
                others[event.kind].append(event)
            if event.time > state.as_of and event.kind != "heartbeat":
                state.as_of = event.time
        change.fold_entries(others["procedure"])
        change.fold_declarations(others["declaration"])
        change.fold_dossiers(dossiers)
        state.advance(version)
        change.finish()
        return change

    def renew(self, version: int, today: int, shown_at: int) -> Change:
        """Writes what depends on which day it is anew: the supply rows of the periods that are not over."""
        change = Change(self.state, self.local, version, today, shown_at)
        self.state.advance(version)
        change.rates.renew()
        change.finish()
        return change
