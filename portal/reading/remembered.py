"""A reader's answers from memory, for pages: rates, periods, what holds a rate back, warnings."""

from collections.abc import Callable, Collection, Hashable
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from emc.definitions import Definition
from portal.access.guard import Seen
from portal.reading.memory import Memory
from sinks.queries.rate_query import RateQuery

T = TypeVar("T")
_Rows = list[dict[str, Any]]


class Remembered:
    """What one caller may see, for one page: all that was counted when the page first asked is in it.

    Warnings, which cost more than all else, may be a minute old unless `is_new_wanted`.

    Errors are those of the reader's own methods of these names; a refusal is never remembered.
    """

    def __init__(self, memory: Memory, seen: Seen, is_new_wanted: bool = False) -> None:
        self._memory, self._reader, self._is_new_wanted = memory, seen.reader, is_new_wanted

    @cached_property
    def _mark(self) -> str:
        """Up to when all that this page reads was written, from its first question on."""
        return repr(self._reader.written_until())

    def rates(self, query: RateQuery, among: Collection[tuple[str, str]] | None = None) -> _Rows:
        """As `Reader.rates`."""
        question = ("rates", query, None if among is None else tuple(among))
        return self._recall(question, _Rows, lambda: self._reader.rates(query, among))

    def periods(self, period: str) -> list[date]:
        """As `Reader.periods`."""
        return self._recall(("periods", period), list[date], lambda: self._reader.periods(period))

    def levers(self, definition: Definition, agency: str, first: date, last: date) -> _Rows:
        """As `Reader.levers`."""
        question = ("levers", definition.metric, definition.name, agency, first, last)
        return self._recall(question, _Rows, lambda: self._reader.levers(definition, agency, first, last))

    def warnings(self, agency: str) -> _Rows:
        """As `Reader.warnings`."""
        question = ("warnings", agency)
        any_mark = not self._is_new_wanted
        return self._recall(question, _Rows, lambda: self._reader.warnings(agency), any_mark)

    def of_dossiers(self, seen: Seen) -> "Remembered":
        """For the same page, with what the caller may see of dossiers."""
        return Remembered(self._memory, seen, self._is_new_wanted)

    def _recall(self, question: Hashable, form: type[T], ask: Callable[[], T], any_mark: bool = False) -> T:
        """Packed, so that its weight is known and nobody changes what another is given."""
        packed = self._memory.recall(
            (self._reader.visible, question), self._mark, lambda: msgspec.msgpack.encode(ask()), any_mark
        )
        return msgspec.msgpack.decode(packed, type=form)
