"""The local store: a cache of each agency's part on disk (RocksDB), discarded whenever it may be wrong.

Keys begin with the agency's three letters, then one letter for what follows:

    d dossier code                              registers (JSON)
    p procedure, NUL, valid_from                registers (JSON)
    q date                                      registers (JSON)
    c procedure, NUL, attribution, day, bits    dossiers in the cell
    s period, first day                         sums
    e procedure, NUL, settler, attribution, …   dossiers in the cell that another agency settles
    t settler, period, first day                sums of the dossiers that another agency settles
    o source                                    when it was last heard of
    m                                           the agency's `Mark`, written last
"""

import shutil
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from rocksdict import AccessType, Rdict, ReadOptions, WriteBatch

from emc.definitions import DEFINITIONS
from emc.dossier import Cell
from emc.errors import DataDirectoryError, EmcError
from emc.settling import SettledCell
from emc.sums import Sums
from emc.waiting import Component
from streams.agencies.store_options import options
from streams.batch.rows import Put

_FORMAT_KEY = b"\x00format"
_FORMAT = msgspec.json.encode(
    [5, [(d.metric, d.name, d.day, d.numerator, d.denominator) for d in DEFINITIONS]]
)
"""A store written for other definitions or by another version of this module is discarded."""

_cell_tail = struct.Struct(">BIH")
_count = struct.Struct(">I")
_period = struct.Struct(">BI")
_heard = struct.Struct(">QQ")
_encode_sums = msgspec.msgpack.Encoder().encode
_decode_sums = msgspec.msgpack.Decoder(list[int]).decode


class Mark(msgspec.Struct):
    """Up to where an agency's part is complete; its version must equal the one in `commits`."""

    version: str
    as_of: int
    renewed: int


_decode_mark = msgspec.json.Decoder(Mark).decode


def dossier_key(agency: str, dossier: str) -> bytes:
    """Where a dossier's registers lie."""
    return f"{agency}d{dossier}".encode()


def entry_key(agency: str, procedure: str, valid_from: str) -> bytes:
    """Where a catalogue entry's registers lie."""
    return f"{agency}p{procedure}\0{valid_from}".encode()


def declaration_key(agency: str, day: str) -> bytes:
    """Where a declaration's registers lie."""
    return f"{agency}q{day}".encode()


def cell_key(agency: str, cell: Cell) -> bytes:
    """Where a cell's number of dossiers lies."""
    return f"{agency}c{cell[0]}\0".encode() + _cell_tail.pack(cell[1], cell[2], cell[3])


def sums_key(agency: str, period: int, start: int) -> bytes:
    """Where the sums of a period lie; `period` counts in `emc.periods.PERIODS`, `start` is a day number."""
    return f"{agency}s".encode() + _period.pack(period, start)


def settled_cell_key(agency: str, settled: SettledCell) -> bytes:
    """Where the number of dossiers of a cell that another agency settles lies."""
    settler, (procedure, *tail) = settled
    return f"{agency}e{procedure}\0{settler}".encode() + _cell_tail.pack(*tail)


def settled_sums_key(agency: str, settler: str, period: int, start: int) -> bytes:
    """Where the sums of what another agency settles in a period lie."""
    return f"{agency}t{settler}".encode() + _period.pack(period, start)


def source_put(agency: str, source: str, time: int, arrival: int) -> Put:
    """The pair that tells when a source was last heard of: time of its events (µs), arrival (ms)."""
    return f"{agency}o{source}".encode(), _heard.pack(time, arrival)


def encode_count(count: int) -> bytes | None:
    """The value of a cell; an empty cell is not kept."""
    return _count.pack(count) if count else None


def decode_count(value: bytes | None) -> int:
    """The number of dossiers in a cell; none stored is 0."""
    return _count.unpack(value)[0] if value else 0


encode_sums, decode_sums = _encode_sums, _decode_sums


class StoreBroken(Exception):
    """The local store cannot be read or written: it is to be discarded, every agency to be rebuilt."""

    component = Component.LOCAL_STORE


@contextmanager
def _told_apart() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # rocksdict raises bare Exception for everything
        raise StoreBroken(str(error)) from error


class Store:
    """One directory of the local store, held by one process. Every call may raise StoreBroken."""

    def __init__(self, directory: Path) -> None:
        """DataDirectoryError when it is held by another process, or there is no room for it."""
        self._directory = directory
        try:
            self._db = self._open()
            if self._db.get(_FORMAT_KEY) != _FORMAT:
                self.discard()
        except EmcError:
            raise
        except Exception as error:  # as everywhere with rocksdict
            raise DataDirectoryError(f"{directory}: the local store cannot be opened ({error})") from None

    def _open(self) -> Rdict:
        self._directory.mkdir(parents=True, exist_ok=True)
        try:
            return Rdict(str(self._directory), options(), access_type=AccessType.read_write())
        except Exception as error:  # rocksdict raises bare Exception for everything
            if "/LOCK" in str(error):
                raise DataDirectoryError(f"{self._directory}: held by another process") from None
        # truncated or corrupted: it is a cache, so it is begun anew
        shutil.rmtree(self._directory, ignore_errors=True)
        self._directory.mkdir(parents=True, exist_ok=True)
        return Rdict(str(self._directory), options(), access_type=AccessType.read_write())

    def discard(self) -> None:
        """Begins the store anew; when that fails, as on a full disk, whatever is asked raises StoreBroken."""
        self.close()
        shutil.rmtree(self._directory, ignore_errors=True)
        with _told_apart():
            self._db = self._open()
            self._db.put(_FORMAT_KEY, _FORMAT)

    def close(self) -> None:
        """Gives the directory free."""
        with suppress(Exception):  # a broken store may not even close
            self._db.close()

    def get(self, key: bytes) -> bytes | None:
        """The value under a key."""
        with _told_apart():
            value: bytes | None = self._db.get(key)
        return value

    def get_many(self, keys: list[bytes]) -> list[bytes | None]:
        """The values under many keys, in their order."""
        with _told_apart():
            values: list[bytes | None] = self._db.get(keys) if keys else []  # type: ignore[assignment, arg-type]
        return values

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """All keys with a prefix and their values, in order."""
        bounded = ReadOptions()
        bounded.set_iterate_upper_bound(prefix + b"\xff" * 8)
        with _told_apart():
            found = self._db.iter(bounded)
            found.seek(prefix)
        while found.valid():
            yield found.key(), found.value()
            found.next()
        with _told_apart():
            found.status()  # raises when the iteration ended at a corrupt block

    def write(self, puts: Iterable[Put]) -> None:
        """Writes all pairs in one atomic batch; a value None deletes the key."""
        with _told_apart():
            batch = WriteBatch(raw_mode=True)
            for key, value in puts:
                if value is None:
                    batch.delete(key)
                else:
                    batch.put(key, value)
            self._db.write(batch)

    def drop(self, agency: str) -> None:
        """Forgets an agency's part, its mark first."""
        with _told_apart():
            self._db.delete(f"{agency}m".encode())
            self._db.delete_range(agency.encode(), agency.encode() + b"\xff")

    def compact(self, agency: str) -> None:
        """Writes an agency's files anew, so that nothing that was dropped is left in any."""
        with _told_apart():
            self._db.compact_range(agency.encode(), agency.encode() + b"\xff")

    def mark(self, agency: str) -> Mark | None:
        """Up to where the agency's part is complete; None when there is no complete part."""
        value = self.get(f"{agency}m".encode())
        return _decode_mark(value) if value else None

    def cells(self, agency: str, procedure: str | None = None) -> Iterator[tuple[Cell, int]]:
        """The cells of an agency, or of one of its procedures, with their numbers of dossiers."""
        prefix = f"{agency}c" if procedure is None else f"{agency}c{procedure}\0"
        for key, value in self.scan(prefix.encode()):
            name, tail = key[4 : -_cell_tail.size - 1], key[-_cell_tail.size :]
            yield Cell(name.decode(), *_cell_tail.unpack(tail)), decode_count(value)

    def settled_cells(self, agency: str, procedure: str | None = None) -> Iterator[tuple[SettledCell, int]]:
        """The cells that other agencies settle, of one or all procedures, with their numbers of dossiers."""
        prefix = f"{agency}e" if procedure is None else f"{agency}e{procedure}\0"
        for key, value in self.scan(prefix.encode()):
            name, tail = key[4 : -_cell_tail.size].decode(), key[-_cell_tail.size :]
            of_procedure, settler = name.split("\0")
            yield SettledCell(settler, Cell(of_procedure, *_cell_tail.unpack(tail))), decode_count(value)

    def sources(self, agency: str) -> Iterator[tuple[str, tuple[int, int]]]:
        """The sources of an agency with the time of their newest event (µs) and their last arrival (ms)."""
        for key, value in self.scan(f"{agency}o".encode()):
            time, arrival = _heard.unpack(value)
            yield key[4:].decode(), (time, arrival)

    def sums(self, agency: str) -> Iterator[tuple[tuple[int, int], Sums]]:
        """The sums of all periods of an agency, by (period, first day)."""
        for key, value in self.scan(f"{agency}s".encode()):
            period, start = _period.unpack(key[4:])
            yield (period, start), _decode_sums(value)


def mark_put(agency: str, mark: Mark) -> Put:
    """The pair that marks an agency's part complete."""
    return f"{agency}m".encode(), msgspec.json.encode(mark)
