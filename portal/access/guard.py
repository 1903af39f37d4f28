"""The guard: the one place that decides what a caller may see, and the only way to a reader.

Routes hold no reader. They take, as a parameter, what one of the guard's dependencies hands out for the
request at hand: a reader that is bound to what this caller may see. A route that forgets the guard has
nothing to read from, and import-linter keeps routes from reaching for the tables themselves.
"""

import logging
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from starlette.requests import Request

from emc.access import Caller, Scope
from emc.errors import EmcError
from emc.registry import Registry
from portal.access.crowd import Crowd
from portal.access.keeper import Keeper
from portal.access.record import Record
from portal.errors import Forbidden
from sinks.imports.feeds import Feed
from sinks.queries.reader import Reader
from sinks.queries.visible import EVERYTHING, Agencies, Visible

_log = logging.getLogger("emc.access")


class Seen(NamedTuple):
    """What a request may see: the caller, and a reader that shows nothing else."""

    caller: Caller
    reader: Reader


class Guard:
    """Hands out readers. `rates`, `dossiers` and `admin` are dependencies of routes."""

    def __init__(self, reader: Reader, keeper: Keeper, record: Record, crowd: Crowd) -> None:
        self._reader, self.keeper, self.record, self.crowd = reader, keeper, record, crowd
        self.registry: Registry = reader.registry
        self._noted: set[tuple[str, Feed]] = set()

    def rates(self, request: Request) -> Seen:
        """For rates and nothing else; Forbidden without `rates:read`."""
        caller = self._with(request, Scope.RATES_READ)
        public = self.keeper.rules.public_rates
        return self._hand_out(caller, Visible(None if public else self._own(caller), frozenset()))

    def dossiers(self, request: Request) -> Seen:
        """For dossiers, explanations, rejections, warnings, sources; Forbidden without `dossiers:read`."""
        caller = self._with(request, Scope.DOSSIERS_READ)
        return self._hand_out(caller, Visible(frozenset(), self._own(caller)))

    def disputes(self, request: Request) -> Seen:
        """For objections; Forbidden without `rates:read`. Of dossiers with `dossiers:read` too.

        Of an agency always its own alone, also where the rates of all are public.
        """
        caller = self._with(request, Scope.RATES_READ)
        own = self._own(caller)
        dossiers = own if Scope.DOSSIERS_READ in caller.scopes else frozenset()
        return self._hand_out(caller, Visible(own, dossiers))

    def admin(self, request: Request) -> Seen:
        """For what concerns the monitor as a whole; Forbidden without `admin`."""
        return self._hand_out(self._with(request, Scope.ADMIN), EVERYTHING)

    def sender(self, request: Request) -> Caller:
        """For sending; Forbidden without `events:write`. A browser's session sends nothing: tokens do."""
        return self._may(self.keeper.machine(request), Scope.EVENTS_WRITE)

    def known_sender(self, request: Request) -> Caller | None:
        """As `sender`, where nothing may wait: None when the tables have to be asked."""
        caller = self.keeper.known_machine(request)
        return None if caller is None else self._may(caller, Scope.EVENTS_WRITE)

    def mark(self) -> Hashable:
        """Changes whenever anything is written that pages show; tells nothing of it."""
        return self._reader.mark()

    def is_first(self, source: str, dossier: str) -> bool:
        """Whether nothing of a dossier was counted from a source yet; tells a sender nothing of others."""
        return not self._reader.has_heard(source, dossier)

    def keep_notices(self, source: str, feed: Feed, notices: Sequence[tuple[str, str]]) -> None:
        """Keeps how a source reports, and what is odd in its records that were taken: (dossier, notice).

        The records count whether it can be kept or not, so a failure is only logged.
        """
        try:
            if (source, feed) not in self._noted:
                self._reader.note_feed(source, feed)
                self._noted.add((source, feed))
            self._reader.keep_notices(source, notices)
        except EmcError as error:
            _log.warning("notices are not kept", extra={"reason": str(error)})

    def importer(self, request: Request) -> Seen:
        """For keeping what an import of one's own did; Forbidden without `events:write`."""
        caller = self._with(request, Scope.EVENTS_WRITE)
        return self._hand_out(caller, Visible(frozenset(), self._own(caller)))

    def uploader(self, request: Request) -> Seen:
        """For uploading files of one's own: what they are compared with, and the record of it. Forbidden
        without `events:write` and `dossiers:read`; rates are shown with `rates:read` only.

        A session may do this, which else sends nothing: a person looks at what a file would do, and says so.
        """
        caller = self._may(self._with(request, Scope.EVENTS_WRITE), Scope.DOSSIERS_READ)
        own = self._own(caller)
        return self._hand_out(caller, Visible(own if Scope.RATES_READ in caller.scopes else frozenset(), own))

    def _own(self, caller: Caller) -> Agencies:
        """Everything for an operator; for an agency what it reported, and those that it succeeded."""
        return None if caller.agency is None else self.registry.reports_of(caller.agency)

    def _hand_out(self, caller: Caller, visible: Visible) -> Seen:
        return Seen(caller, self._reader.seeing(visible))

    def only_waits(self, request: Request) -> None:
        """What is left of this request takes no room from its agency's others."""
        self.crowd.leave(request.scope["state"])

    def _with(self, request: Request, scope: Scope) -> Caller:
        caller = self._may(self.keeper.caller_of(request), scope)
        self.crowd.enter(request.scope["state"], caller)
        return caller

    def _may(self, caller: Caller, scope: Scope) -> Caller:
        if scope not in caller.scopes:
            raise Forbidden(f"this needs the scope {scope.value}")
        return caller
