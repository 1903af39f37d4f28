"""Opening what is given: a file, a compressed one, or standard input, as bytes that can be read twice."""

import gzip
import hashlib
import shutil
import stat
import sys
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedReader, FileIO
from pathlib import Path
from typing import IO, Any, cast

import zstandard

from emc.errors import InputError
from producers.importing.json_text import CHUNK
from producers.importing.rows import OpenFile

STDIN = Path("-")
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


@dataclass
class Opened:
    """An open file of bytes. `name` is how it is told of, `time` when it was changed (µs), if that is
    known.
    """

    name: str
    file: OpenFile
    size: int
    time: int | None

    def position(self) -> Callable[[], int]:
        """Tells how many bytes were read; all of them once the file is closed."""
        return lambda: self.size if self.file.closed else min(self.file.tell(), self.size)

    def digest(self) -> str:
        """SHA-256 of the bytes, in hex. They are read once, and stay to be read."""
        place = self.file.tell()
        found = hashlib.file_digest(cast(Any, self.file), "sha256").hexdigest()
        self.file.seek(place)
        return found

    def start(self, length: int = 64 * 1024) -> bytes:
        """The first bytes, which stay to be read."""
        return self.file.peek(length)[:length]


def open_input(path: Path, name: str | None = None) -> Opened:
    """Opens a path, also that of a pipe, or `-` for standard input; what is compressed (gzip, zstd) is
    unpacked. `name` is how it is told of; by default its path.

    What cannot be read twice goes into a file without a name, which is gone when it is closed. InputError
    when it cannot be read.
    """
    if path == STDIN:
        given = sys.stdin.buffer
        return _unpacked(
            _spooled("standard input", lambda out: shutil.copyfileobj(given, out, CHUNK), time=None)
        )
    try:
        status = path.stat()
        if stat.S_ISFIFO(status.st_mode):
            with path.open("rb") as pipe:
                return _unpacked(
                    _spooled(name or str(path), lambda out: shutil.copyfileobj(pipe, out, CHUNK), None)
                )
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{path} is no file, expected one with rows or records")
        file = cast(OpenFile, BufferedReader(FileIO(path), CHUNK))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    return _unpacked(Opened(name or str(path), file, status.st_size, status.st_mtime_ns // 1000))


def _unpacked(opened: Opened) -> Opened:
    start = opened.start(4)
    if not start.startswith((_GZIP, _ZSTD)):
        return opened
    try:
        with opened.file:
            if start.startswith(_GZIP):
                stream = cast(IO[bytes], gzip.GzipFile(fileobj=opened.file))
                return _spooled(opened.name, lambda out: shutil.copyfileobj(stream, out, CHUNK), opened.time)
            return _spooled(opened.name, lambda out: _unzstd(opened.file, out), opened.time)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError):
        raise InputError(f"{opened.name} is compressed and cannot be unpacked: it is damaged") from None


def _unzstd(packed: OpenFile, out: IO[bytes]) -> None:
    """Unpacks every frame; EOFError when the last one breaks off, which the library itself does not tell."""
    frame = zstandard.ZstdDecompressor().decompressobj()
    while block := packed.read(CHUNK):
        while block:
            if frame.eof:
                frame = zstandard.ZstdDecompressor().decompressobj()
            out.write(frame.decompress(block))
            block = frame.unused_data if frame.eof else b""
    if not frame.eof:
        raise EOFError


def _spooled(name: str, fill: Callable[[IO[bytes]], None], time: int | None) -> Opened:
    out = tempfile.TemporaryFile()  # noqa: SIM115 - whoever reads the file closes it
    fill(out)
    size = out.tell()
    out.seek(0)
    return Opened(name, cast(OpenFile, BufferedReader(cast(Any, out), CHUNK)), size, time)
