"""In which encoding a text file is, and the file in UTF-8 whatever it was."""

import codecs
import tempfile
from io import BufferedReader
from typing import Any, cast

from charset_normalizer import from_bytes

from emc.errors import InputError
from producers.importing.rows import OpenFile

AUTO = "auto"
_BLOCK = 1024 * 1024
_BOMS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
# what files in this country are found in, beside UTF-8; a guess among all encodings is worse than none
_LIKELY = ["cp1258", "cp1252", "utf_16_le", "utf_16_be"]
_NAMES = {
    "cp1258": "windows-1258",
    "cp1252": "windows-1252",
    "utf_16_le": "UTF-16LE",
    "utf_16_be": "UTF-16BE",
}


def marked(start: bytes) -> str | None:
    """The encoding that a byte order mark names, but for UTF-8; None without one."""
    return next((name for mark, name in _BOMS if start.startswith(mark)), None)


def guessed(sample: bytes) -> str | None:
    """The likely encoding of a text that is not UTF-8; None when nothing fits."""
    best = from_bytes(sample, cp_isolation=_LIKELY).best()
    if best is None:
        return None
    alike = [best.encoding, *best.could_be_from_charset]
    return _NAMES.get("cp1258" if "cp1258" in alike else best.encoding, best.encoding)


def first_foreign(file: OpenFile) -> bytes | None:
    """A piece around the first bytes that are not UTF-8; None when all are. The file is read once, and put
    back.
    """
    place = file.tell()
    decoder = codecs.getincrementaldecoder("utf-8")()
    found: bytes | None = None
    while found is None and (block := file.read(_BLOCK)):
        try:
            decoder.decode(block)
        except UnicodeDecodeError:
            found = block
    file.seek(place)
    return found


def named(encoding: str) -> str:
    """The codec of a name; InputError when there is none for texts."""
    try:
        found = codecs.lookup(encoding)
        "".encode(found.name)
    except (LookupError, ValueError):
        expected = "expected auto, or a name as utf-8, utf-16, windows-1258"
        raise InputError(f"encoding is {encoding!r}, {expected}") from None
    return found.name


def detected(file: OpenFile) -> str:
    """The encoding that `auto` takes: by the mark, else UTF-8 when all is, else guessed."""
    start = file.peek(4)[:4]
    if mark := marked(start):
        return mark
    foreign = first_foreign(file)
    if foreign is None:
        return "utf-8"
    return guessed(foreign) or "windows-1258"


def in_utf8(file: OpenFile, name: str, encoding: str) -> OpenFile:
    """The text in UTF-8, in a file without a name; InputError where the bytes are not of the encoding.

    A text with UTF-8's own mark is left as it is: so the rows that an import refused, written in UTF-8, are
    imported as the file they came from.
    """
    if file.peek(3)[:3] == codecs.BOM_UTF8:
        return file
    decoder = codecs.getincrementaldecoder(named(encoding))()
    out = tempfile.TemporaryFile()  # noqa: SIM115 - whoever reads the file closes it
    try:
        with file:
            while block := file.read(_BLOCK):
                out.write(decoder.decode(block).encode("utf-8", "replace"))
            out.write(decoder.decode(b"", final=True).encode("utf-8", "replace"))
    except UnicodeError:
        out.close()
        raise InputError(f"{name} is not {encoding}: its bytes do not fit") from None
    out.seek(0)
    return cast(OpenFile, BufferedReader(cast(Any, out), _BLOCK))
