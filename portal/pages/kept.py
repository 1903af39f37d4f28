"""Drawn pages, given again while they show what is counted: a board that a hundred people keep open is drawn
once after each change, not a hundred times.

A page is given without a look at the tables for two seconds after the look by which it showed all that was
counted. While anybody asked for it within the last minute it is looked after in the background, and drawn
anew when something was written, so that a reader hardly ever waits for the drawing. Whose eyes a page is for
is part of its question, and nothing of one session is in it: `session` stands where the session's own goes.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field

from emc.errors import EmcError
from portal.reading.bounded import Bounded
from portal.reading.memory import LONGEST

SHOWN_FOR = 2.0
"""Seconds for which a page is given after it was known to show all that was counted."""
MOST_PAGES, MOST_BYTES = 256, 16_000_000
_WATCHED_FOR, _MOST_WATCHED = 60.0, 16
"""Seconds since a page was asked for within which it is kept new; of the pages those asked for last."""
_LOOK_EVERY, _DRAW_EVERY = 0.4, 0.8
_REST = 1.0
"""So many times as long as a drawing took no other begins in the background: half of a processor at most."""
_log = logging.getLogger("emc.pages")
Draw = Callable[[bool], bytes]
"""Draws a page; whether for one who wants it as new as can be."""


@dataclass
class _Page:
    """`shows_all_at`: the last look (seconds) that found its mark; `drawn_at`: when it was drawn."""

    mark: Hashable
    body: bytes
    drawn_at: float
    shows_all_at: float
    asked_at: float
    draw: Draw = field(repr=False)


@dataclass
class _Drawing:
    """A page that is being drawn: under which mark, looked at when, and who waits for it."""

    mark: Hashable
    looked_at: float
    is_new_wanted: bool
    body: Future[bytes] = field(default_factory=Future)

    def will_do_for(self, other: "_Drawing") -> bool:
        """Whether it shows all that the other would, or all but what was written within two seconds."""
        if other.is_new_wanted:
            return self.mark == other.mark
        return other.looked_at - self.looked_at < SHOWN_FOR


class KeptPages:
    """Pages by their questions. `look`: something that changes whenever anything is written."""

    def __init__(self, look: Callable[[], Hashable], most: int = MOST_BYTES) -> None:
        self._look = look
        self.session = f"session-{secrets.token_hex(16)}"
        self._pages: Bounded[_Page] = Bounded(MOST_PAGES, most, lambda page: len(page.body))
        self._under_way: dict[Hashable, _Drawing] = {}
        self._lock = threading.Lock()
        self._watch: threading.Thread | None = None
        self._closed = threading.Event()

    def page(self, question: Hashable, draw: Draw, is_new_wanted: bool = False) -> bytes:
        """The page; `is_new_wanted`: with all that is counted now, not two seconds ago.

        Whatever `draw` raises is raised to all who wait for it, and not kept.
        """
        now = time.monotonic()
        kept = self._recalled(question, now, draw)
        if kept is not None and not is_new_wanted and now - kept.shows_all_at < SHOWN_FOR:
            return kept.body
        mark = self._look()
        if kept is not None and _holds(kept, mark, now):
            kept.shows_all_at = now
            return kept.body
        return self._drawn(question, _Drawing(mark, now, is_new_wanted), draw)

    def close(self) -> None:
        """Nothing is drawn in the background from now on. May be repeated."""
        self._closed.set()
        watch = self._watch
        if watch is not None:
            watch.join(10)

    def _recalled(self, question: Hashable, now: float, draw: Draw) -> _Page | None:
        with self._lock:
            kept = self._pages.use(question)
            if kept is not None:
                kept.asked_at, kept.draw = now, draw
                self._start()
            return kept

    def _drawn(self, question: Hashable, mine: _Drawing, draw: Draw) -> bytes:
        """Of a drawing that is under way, if it will do; else of one's own."""
        with self._lock:
            other = self._under_way.get(question)
            if other is None or not other.will_do_for(mine):
                other = None
                self._under_way[question] = mine
        if other is not None:
            return other.body.result()
        try:
            body = draw(mine.is_new_wanted)
            self._keep(question, mine, body, draw)
            mine.body.set_result(body)
        except BaseException as failure:
            mine.body.set_exception(failure)
            raise
        finally:
            with self._lock:
                if self._under_way.get(question) is mine:
                    del self._under_way[question]
        return body

    def _keep(self, question: Hashable, drawn: _Drawing, body: bytes, draw: Draw) -> None:
        with self._lock:
            before = self._pages.get(question)
            asked_at = drawn.looked_at if before is None else before.asked_at
            self._pages[question] = _Page(drawn.mark, body, drawn.looked_at, drawn.looked_at, asked_at, draw)
            self._start()

    def _start(self) -> None:
        """One thread while there is something to watch; not a daemon: the engine must outlive it."""
        if self._watch is None and not self._closed.is_set():
            self._watch = threading.Thread(target=self._run, name="pages")
            self._watch.start()

    def _run(self) -> None:
        try:
            rest = _LOOK_EVERY
            while threading.main_thread().is_alive() and not self._closed.wait(rest):
                with self._lock:
                    if not self._watched():
                        self._watch = None
                        return
                rest = self._renew()
        except EmcError as error:  # whoever asks next is told
            _log.info("pages are not kept new", extra={"reason": type(error).__name__})
        finally:
            with self._lock:
                if self._watch is threading.current_thread():
                    self._watch = None

    def _watched(self) -> list[tuple[Hashable, _Page]]:
        """The pages asked for last, the last one first."""
        since = time.monotonic() - _WATCHED_FOR
        found = [each for each in self._pages.items() if each[1].asked_at >= since]
        return sorted(found, key=lambda each: -each[1].asked_at)[:_MOST_WATCHED]

    def _renew(self) -> float:
        """Draws one page, of those that are late the one asked for last; tells how long to rest (seconds)."""
        now, mark = time.monotonic(), self._look()
        with self._lock:
            watched = self._watched()
        late = []
        for question, page in watched:
            if _holds(page, mark, now):
                page.shows_all_at = now
            elif now - page.shows_all_at >= _DRAW_EVERY:
                late.append((question, page))
        if not late:
            return _LOOK_EVERY
        self._draw_anew(*late[0])
        return _REST * (time.monotonic() - now)

    def _draw_anew(self, question: Hashable, page: _Page) -> None:
        now = time.monotonic()
        try:
            self._drawn(question, _Drawing(self._look(), now, False), page.draw)
        except EmcError:  # whoever asks next is told why
            with self._lock:
                self._pages.pop(question, None)


def _holds(page: _Page, mark: Hashable, now: float) -> bool:
    return page.mark == mark and now - page.drawn_at < LONGEST
