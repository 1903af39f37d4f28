"""Rows into what they say: dossier-sync records and tracking messages; tables by `table_reader`."""

from collections.abc import Callable, Mapping
from typing import Protocol

from emc.agencies import TrackingSite
from emc.errors import InputError
from emc.instants import parse_instant
from producers import dossier_sync, tracking
from producers.local_times import read_time, rfc3339
from producers.said import Fault, Said
from producers.source_words import SourceWords

Record = Mapping[str, object]


class RowReader(Protocol):
    """Turns rows into what they say."""

    def wanted(self, columns: list[str]) -> list[str]:
        """The columns to read; InputError when one that is needed is not there."""

    def read(self, record: Record) -> Said:
        """What a row says, with every fault of it."""

    def column_of(self, field: str | None, record: Record) -> str | None:
        """The file's name for a contract field, or (None) for what the row is about."""

    def kept(self, record: Record) -> Record:
        """What of a refused row may be kept to be mended: nothing of people."""

    def time_of(self, record: Record) -> int | None:
        """When the row was sent, in µs; None where rows do not say, so that the file's time holds."""


class SyncReader:
    """Reads dossier-sync records, by the words of their source."""

    def __init__(self, words: SourceWords) -> None:
        self._words = words
        self._is_table = False

    def wanted(self, columns: list[str]) -> list[str]:
        """Of a table with the format's columns, those that are not dropped."""
        self._is_table = True
        if not any(name.lower() == "mahoso" for name in columns):
            raise InputError("there is no column MaHoSo: expected the columns of dossier-sync records")
        return [name for name in columns if dossier_sync.is_read(name)]

    def read(self, record: Record) -> Said:
        """By the adapter. An empty cell of a table says nothing, `null` that it was empty."""
        if self._is_table:
            record = {
                name: None if value == "null" else value for name, value in record.items() if value != ""
            }
        return dossier_sync.read_record(record, self._words)

    def kept(self, record: Record) -> Record:
        """The fields that are read, but for people's numbers."""
        return {name: value for name, value in record.items() if dossier_sync.is_kept(name)}

    def column_of(self, field: str | None, record: Record) -> str | None:
        """The official name, in the record's letters."""
        return dossier_sync.column_of(field, record)

    def time_of(self, record: Record) -> int | None:
        """A record does not say when it was sent."""
        return None


class TrackingReader:
    """Reads a file of tracking messages, dated by a column `time` or else by the file's own `time`."""

    def __init__(
        self,
        words: SourceWords,
        is_first: Callable[[str], bool],
        sites: Mapping[str, TrackingSite],
        agency: str,
    ) -> None:
        self._words = words
        self._is_first = is_first
        self._sites, self._agency = sites, agency
        self._known: set[str] = set()
        self.time = 0

    def wanted(self, columns: list[str]) -> list[str]:
        """The columns of a table of messages that are not dropped."""
        return [name for name in columns if tracking.known_fields({name: None})]

    def read(self, record: Record) -> Said:
        """By the adapter; the first message of a dossier in the file is its first, unless the service knows
        more.
        """
        message = tracking.known_fields(record)
        wrong: list[Fault] = []
        try:
            arrived = self.time_of(record) or self.time
        except ValueError as error:
            arrived, wrong = self.time, [Fault("time", str(error), "$.time")]
        said = tracking.read_message(message, arrived, self._is_new, self._words)
        said.faults += wrong
        site = self._sites.get(tracking.site_of(message) or "")
        if site is not None and site.agency != self._agency:
            said.faults.append(Fault("siteId", "expected a site of the agency that reports"))
        self._known.add(said.subject)
        return said

    def kept(self, record: Record) -> Record:
        """The fields that are read."""
        return tracking.known_fields(record)

    def _is_new(self, dossier: str) -> bool:
        return dossier not in self._known and self._is_first(dossier)

    def column_of(self, field: str | None, record: Record) -> str | None:
        """The message's own name."""
        return tracking.column_of(field)

    def time_of(self, record: Record) -> int | None:
        """The message's column of its arrival; ValueError when it is no time."""
        message = tracking.known_fields(record)
        value = next((message[name] for name in tracking.TIMES if message.get(name)), None)
        return None if value is None else parse_instant(rfc3339(read_time(value, self._words.zone)))
