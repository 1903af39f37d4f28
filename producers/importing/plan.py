"""An import planned whole before the first event is sent: what counts, what is refused, what would change."""

import struct
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any, Protocol, Self

from emc.errors import EmcError
from emc.instants import HANOI, format_instant
from emc.translation import noun
from emc.verdicts import Accepted
from producers.importing.comparing import Changes, Comparison, Known
from producers.importing.comparing_entries import EntryComparison, KnownEntries
from producers.importing.importer import Sender
from producers.importing.judged_rows import JudgedRow, JudgedRows
from producers.importing.kinds import DOSSIERS
from producers.importing.moves import RatePlace
from producers.importing.report import ImportReport

_CHUNK = 500
_length = struct.Struct("<3sI")


REMEDY = "Say with --as-of when it was exported, or --force to let it win"


class KnownToAll(Known, KnownEntries, Protocol):
    """What comparisons of every kind ask of the service."""


def _comparison(known: KnownToAll, kind: str) -> Comparison | EntryComparison:
    return Comparison(known) if kind == DOSSIERS.name else EntryComparison(known, kind)


class OlderExport(EmcError):
    """An import that would undo what a later export said; `why` says only that, not what to do about it."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}. {REMEDY}")
        self.why = why


def _undone(changes: Changes, time: int) -> str:
    newest = format_instant(changes.newest, HANOI)[:16].replace("T", " ")
    said = format_instant(time, HANOI)[:19].replace("T", " ")
    return (
        f"{changes.undone} {noun(changes.undone, 'dossier', 'dossiers')} finished after the newest moment "
        f"that the files tell of ({newest}) would be open again (as {', '.join(changes.undone_examples)}): "
        f"this is an older export than its time says ({said})"
    )


def _copied(changes: Changes, later: str) -> str:
    return (
        f"these very files were imported before, and a later export since ({later[:19].replace('T', ' ')}): "
        f"{changes.changed} {noun(changes.changed, 'row', 'rows')} would undo what it said"
    )


def _behind(changes: Changes, later: str) -> str:
    newest = format_instant(changes.newest, HANOI)[:16].replace("T", " ")
    return (
        f"{changes.back} {noun(changes.back, 'dossier', 'dossiers')} would go back to an earlier status or "
        f"moment (as {', '.join(changes.back_examples)}), and an export imported before tells of later "
        f"moments ({later[:16].replace('T', ' ')}) than these files ({newest}): this is an older export"
    )


class Plan:
    """The rows of an import, judged, compared with what is known, and kept in a file without a name until
    `send`.

    `on_row` is called with every row. Without `known` nothing is compared: `changes` is None.
    """

    def __init__(
        self,
        rows: JudgedRows,
        known: KnownToAll | None = None,
        on_row: Callable[[JudgedRow], None] | None = None,
    ) -> None:
        self._spool: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self._rows = rows
        self.time = max((file.time for file in rows.files), default=0)
        self.changes: Changes | None = None
        self.moves: list[tuple[RatePlace, int, int]] = []
        self._comparison = None if known is None else _comparison(known, rows.request.kind)
        self._read(on_row)

    @property
    def digests(self) -> list[str]:
        """Of the files, in their order."""
        return [file.digest for file in self._rows.files]

    @property
    def report(self) -> ImportReport:
        """What counts and what is refused."""
        return self._rows.report

    def _read(self, on_row: Callable[[JudgedRow], None] | None) -> None:
        waiting: list[Accepted] = []
        for row in self._rows:
            if on_row is not None:
                on_row(row)
            if row.refusals or row.judged is None or row.judged.accepted is None:
                continue
            self._keep(row.judged.agency, row.judged.event)
            waiting.append(row.judged.accepted)
            if len(waiting) >= _CHUNK:
                self._compare(waiting)
                waiting.clear()
        self._compare(waiting)
        if self._comparison is not None:
            self.changes = self._comparison.end()
            self.moves = self._comparison.moved()

    def _compare(self, rows: list[Accepted]) -> None:
        if self._comparison is not None and rows:
            self._comparison.add(rows)

    def _keep(self, agency: str, event: bytes) -> None:
        self._spool.write(_length.pack(agency.encode(), len(event)) + event)

    def refuse_older(self, earlier: Sequence[Mapping[str, Any]] = ()) -> None:
        """OlderExport when the rows would undo what a later export said.

        `earlier` are the imports so far, as they are listed: a file whose very bytes were imported before one
        of a later export of the same source may change nothing any more, and one that tells of less recent
        moments than another file of the source, and of the same form, may take no dossier back.
        """
        changes = self.changes
        if changes is None or not changes.changed:
            return
        if changes.undone:
            raise OlderExport(_undone(changes, self.time))
        if (later := self._overtaken(earlier)) is not None:
            raise OlderExport(_copied(changes, later))
        if changes.back and (seen := self._seen_before(earlier)) is not None:
            raise OlderExport(_behind(changes, seen))

    def _overtaken(self, earlier: Sequence[Mapping[str, Any]]) -> str | None:
        """When the export was that came after these very files; None when there was none."""
        digests, source = {file.digest for file in self._rows.files}, self._rows.request.reporter.source
        own = [one for one in earlier if one["source"] == source]
        copied = [one["as_of"] for one in own if digests & set(one["digests"])]
        later = [one["as_of"] for one in own if not digests & set(one["digests"])]
        return max((time for time in later if copied and time > max(copied)), default=None)

    def _seen_before(self, earlier: Sequence[Mapping[str, Any]]) -> str | None:
        """The newest moment that files of the source told of before, if these tell of none so new."""
        request, changes = self._rows.request, self.changes
        newest = "" if changes is None else format_instant(changes.newest, HANOI)
        known = [
            one["newest"]
            for one in earlier
            if one["source"] == request.reporter.source and one["kind"] == request.kind
        ]
        return max((moment for moment in known if moment and moment > newest), default=None)

    def send(self, client: Sender, on_sent: Callable[[int], None] | None = None) -> None:
        """Sends what counts; DeliveryError from the client. `on_sent` is told how many went, now and then."""
        for number, (agency, event) in enumerate(self._events(), start=1):
            client.send(agency, event)
            if on_sent is not None and number % _CHUNK == 0:
                on_sent(number)
        client.flush()

    def _events(self) -> Iterator[tuple[str, bytes]]:
        self._spool.seek(0)
        while head := self._spool.read(_length.size):
            agency, length = _length.unpack(head)
            yield agency.decode(), self._spool.read(length)

    def close(self) -> None:
        """Drops what was kept."""
        self._spool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
