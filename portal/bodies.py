"""Reading what a request brings, counted while it is read: nobody's body is held before its size is known."""

import zlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import zstandard
from starlette.requests import Request

from emc.errors import InputError
from portal.errors import TooLarge, UnsupportedMediaType

_FORM = "application/x-www-form-urlencoded"
_MOST_MEMBERS = 100
_LARGEST_WINDOW = 8 * 1024 * 1024


async def read_body(request: Request, limit: int) -> bytes:
    """The body, decoded as Content-Encoding says: at most `limit` bytes, before and after.

    TooLarge beyond that, UnsupportedMediaType for another encoding, InputError where decoding fails.
    """
    decode = _decoder(request)
    if int(request.headers.get("content-length", 0)) > limit:  # who asks first whether to send is told not to
        raise TooLarge(f"the body has more than {limit} bytes")
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > limit:
            raise TooLarge(f"the body has more than {limit} bytes")
    return bytes(raw) if decode is None else decode(bytes(raw), limit)


async def read_form(request: Request, limit: int = 16 * 1024) -> dict[str, str]:
    """The fields of a form; InputError for one given twice."""
    if media_type(request.headers) != _FORM:
        raise UnsupportedMediaType(f"expected {_FORM}")
    text = (await read_body(request, limit)).decode("utf-8", "replace")
    fields = parse_qsl(text, keep_blank_values=True)
    found = dict(fields)
    if len(found) != len(fields):
        raise InputError("a field was given more than once, expected each at most once")
    return found


def media_type(headers: Mapping[str, str]) -> str:
    """The content type without parameters, in small letters; UnsupportedMediaType for text not in UTF-8."""
    kind, _, parameters = headers.get("content-type", "").partition(";")
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "charset" and value.strip('"').lower() not in ("utf-8", "us-ascii"):
            raise UnsupportedMediaType("expected text in UTF-8")
    return kind.strip().lower()


def _decoder(request: Request) -> Callable[[bytes, int], bytes] | None:
    named = ",".join(request.headers.getlist("content-encoding")).strip().lower()
    if named in ("", "identity"):
        return None
    if named not in _DECODERS:
        raise UnsupportedMediaType("expected Content-Encoding gzip or zstd, or none")
    return _DECODERS[named]


def _gunzip(raw: bytes, limit: int) -> bytes:
    """The content of all members of a gzip file; each is looked for in what is left, so they are bounded."""
    found, members = bytearray(), 0
    while raw:
        members += 1
        if members > _MOST_MEMBERS:
            raise InputError(f"the body is a gzip of more than {_MOST_MEMBERS} members")
        member: Any = zlib.decompressobj(wbits=31)
        try:
            found += member.decompress(raw, limit + 1 - len(found))
        except zlib.error:
            raise InputError("the body is no gzip") from None
        if len(found) > limit:
            raise TooLarge(f"the body has more than {limit} bytes once decoded")
        if not member.eof:
            raise InputError("the body is a gzip that breaks off")
        raw = member.unused_data
    return bytes(found)


def _unzstd(raw: bytes, limit: int) -> bytes:
    """The content of all frames; of one that breaks off what is there, which then is no JSON."""
    unpacking = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
    try:
        with unpacking.stream_reader(raw, read_across_frames=True) as reader:
            found = bytes(reader.read(limit + 1))
    except zstandard.ZstdError:
        raise InputError("the body is no zstd") from None
    if len(found) > limit:
        raise TooLarge(f"the body has more than {limit} bytes once decoded")
    return found


_DECODERS: Mapping[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,  # its older name: RFC 9110, 8.4.1.3
    "zstd": _unzstd,
}
