"""Keeping the record of access beside the requests: nobody waits for it, and nobody can flood it."""

import logging
import threading
from collections.abc import Callable

import msgspec

from emc.access import Caller
from emc.errors import EmcError
from emc.instants import now_us
from sinks.access.record import Happening, What

_log = logging.getLogger("emc.access")
_EVERY = 2.0
_MOST = 10_000
Alike = tuple[str, str | None, str, str, str, str]


class Record:
    """Collects what happens and writes it every two seconds; what is alike becomes one row with a count.

    While the tables are away it keeps what it has, at most ten thousand kinds of happenings; the log tells
    of the first that is lost.
    """

    def __init__(self, write: Callable[[list[Happening]], None]) -> None:
        self._write = write
        self._held: dict[Alike, Happening] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._lost = False

    def note(self, what: What, caller: Caller | None, route: str = "", reason: str = "") -> None:
        """Something happened just now."""
        agency, token, name = (None, "", "") if caller is None else (caller.agency, caller.token, caller.name)
        alike = (what, agency, token, name, route, reason)
        with self._lock:
            held = self._held.get(alike)
            if held is None and len(self._held) >= _MOST:
                if not self._lost:
                    _log.warning("the record of access is full: some of it is lost")
                self._lost = True
                return
            times = 1 if held is None else held.times + 1
            now = now_us() // 1000
            self._held[alike] = Happening(now, what, agency, token, name, route, reason, times)

    def start(self) -> None:
        """Begins to write, in a thread of its own."""
        self._thread = threading.Thread(target=self._run, name="access-record", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Writes what is left and ends. May be repeated."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(10)
            self._thread = None

    def flush(self) -> None:
        """Writes what is held now."""
        with self._lock:
            held, self._held = self._held, {}
        try:
            self._write(list(held.values()))
            self._lost = False
        except EmcError as error:
            _log.warning("the record of access waits", extra={"reason": type(error).__name__})
            self._take_back(held)

    def _take_back(self, held: dict[Alike, Happening]) -> None:
        with self._lock:
            for alike, happened in held.items():
                newer = self._held.get(alike)
                times = happened.times + (0 if newer is None else newer.times)
                self._held[alike] = msgspec.structs.replace(newer or happened, times=times)

    def _run(self) -> None:
        while not self._stop.wait(_EVERY):
            self.flush()
        self.flush()
