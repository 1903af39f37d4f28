"""A form with one file, taken apart while it arrives: the file goes where it is kept, not into memory."""

from collections.abc import Callable
from typing import IO, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from emc.errors import InputError
from portal.bodies import media_type
from portal.errors import TooLarge, UnsupportedMediaType

_MEDIA = "multipart/form-data"
_MOST_TEXT, _MOST_FIELDS = 16 * 1024, 20
Opening = Callable[[dict[str, str], str], IO[bytes]]


async def read_file_form(request: Request, largest: int, open_file: Opening) -> dict[str, str]:
    """The fields of a form. `open_file` is given those before the file, and the file's name, and says where
    it goes; it may refuse by raising.

    InputError for what is no such form or has not exactly one file, TooLarge beyond `largest` bytes.
    """
    from python_multipart.multipart import MultipartParser, parse_options_header

    if media_type(request.headers) != _MEDIA:
        raise UnsupportedMediaType(f"expected {_MEDIA}")
    boundary = parse_options_header(request.headers["content-type"])[1].get(b"boundary")
    if not boundary:
        raise InputError("the form has no boundary")
    taking = _Taking(largest, open_file)
    parser = MultipartParser(boundary, taking.callbacks())
    try:
        async for piece in request.stream():
            await run_in_threadpool(_write, parser, piece)
    finally:
        taking.close()
    if not taking.is_whole:
        raise InputError("the form breaks off, or has no file")
    return taking.fields


def _write(parser: Any, piece: bytes) -> None:
    from python_multipart.exceptions import FormParserError

    try:
        parser.write(piece)
    except FormParserError:
        raise InputError("the body is no form of the kind that it says") from None


class _Taking:
    """The parts of a form as they come."""

    def __init__(self, largest: int, open_file: Opening) -> None:
        self.fields: dict[str, str] = {}
        self.is_whole = False
        self._largest, self._open_file = largest, open_file
        self._header, self._headers = bytearray(), dict[bytes, bytes]()
        self._name, self._text = "", bytearray()
        self._file: IO[bytes] | None = None
        self._size = 0

    def callbacks(self) -> Any:
        """What the parser calls."""
        return {
            "on_part_begin": self._begin_part,
            "on_header_field": self._take_header_name,
            "on_header_value": self._take_header_value,
            "on_header_end": self._header.clear,
            "on_headers_finished": self._begin_content,
            "on_part_data": self._take_content,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def close(self) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()

    def _begin_part(self) -> None:
        self._headers.clear()
        self._name, self._text = "", bytearray()

    def _take_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _take_header_value(self, data: bytes, start: int, end: int) -> None:
        key = bytes(self._header).lower()
        self._headers[key] = self._headers.get(key, b"") + data[start:end]

    def _begin_content(self) -> None:
        from python_multipart.multipart import parse_options_header

        _, told = parse_options_header(self._headers.get(b"content-disposition"))
        self._name = told.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" not in told:
            if not self._name or len(self.fields) >= _MOST_FIELDS:
                raise InputError("the form has a field without a name, or too many")
            return
        if self._file is not None:
            raise InputError("the form has more than one file, expected one")
        name = told[b"filename"].decode("utf-8", "replace").replace("\\", "/").rpartition("/")[2]
        if not name.strip():
            raise InputError("no file was chosen")
        self._name = ""
        self._file = self._open_file(dict(self.fields), name)

    def _take_content(self, data: bytes, start: int, end: int) -> None:
        if self._name or self._file is None:
            self._text += data[start:end]
            if len(self._text) > _MOST_TEXT:
                raise TooLarge(f"a field of the form has more than {_MOST_TEXT} bytes")
            return
        self._size += end - start
        if self._size > self._largest:
            raise TooLarge(f"the file has more than {self._largest // 1024**2} MB")
        try:
            self._file.write(data[start:end])
        except OSError as error:
            raise InputError(f"the file cannot be kept: {error.strerror}") from None

    def _end_part(self) -> None:
        if self._name in self.fields:
            raise InputError("a field was given more than once, expected each at most once")
        if self._name:
            self.fields[self._name] = self._text.decode("utf-8", "replace")

    def _end(self) -> None:
        self.is_whole = self._file is not None
