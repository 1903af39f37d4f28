"""Links that sign somebody in once, for who sits at the machine that the service runs on."""

import secrets
import threading
import time

from emc.access import Caller, Scope
from sinks.access.tokens import digest

HOLDS = 3600.0
"""Seconds for which a link opens anything."""
_SCOPES = frozenset({Scope.EVENTS_WRITE, Scope.RATES_READ, Scope.DOSSIERS_READ})


class Invitations:
    """Codes of links, held in this process as digests only: they end with it, or when they are used."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[float, Caller]] = {}
        self._lock = threading.Lock()

    def invite(self, agency: str) -> str:
        """A new code for somebody of an agency, who may read and send."""
        code = secrets.token_urlsafe(32)
        caller = Caller(agency, _SCOPES, "a link of this machine")
        with self._lock:
            self._held[digest(code)] = time.monotonic() + HOLDS, caller
        return code

    def take(self, code: str) -> Caller | None:
        """Whom a code stands for, the one time that it is used; None for a wrong, used or old one."""
        with self._lock:
            until, caller = self._held.pop(digest(code), (0.0, None))
        return caller if time.monotonic() < until else None
