"""ClickHouse's HTTP interface over the engine of this process, to read only, on this machine only.

With it Grafana's ClickHouse plugin (protocol `http`) and clickhouse-connect read the embedded engine as they
read a server. It answers queries; there are no users, sessions, inserts or compression, and settings given
with a query are ignored: the limits of `sinks.readonly.engine` hold for everybody.
https://clickhouse.com/docs/interfaces/http
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from emc.errors import ComponentError, InputError
from portal.kept_answers import Kept, Room
from portal.leaving import until_gone
from portal.server import Server
from sinks.readonly.cancelling import Cancelling
from sinks.readonly.engine import PATIENCE, STREAMS, AnswerTooLarge, LockedEngine

_MOST_BYTES = 256 << 10  # of a statement: the engine reads no longer one
_CODE = re.compile(r"Code: (\d+)")
_FORMAT = re.compile(r"\bFORMAT\s+([A-Za-z]+)\s*;?\s*$", re.IGNORECASE)
_GREETING = re.compile(r"\s*SELECT\s+displayName\(\),\s*version\(\),\s*revision\(\),\s*timezone\(\)\s*;?\s*")
_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
# READONLY, TOO_MANY_SIMULTANEOUS_QUERIES, TOO_MANY_ROWS_OR_BYTES, UNKNOWN_EXCEPTION
_REFUSED, _BUSY, _TOO_LARGE, _UNKNOWN = 164, 202, 396, 1002


class ClickHouseFront:
    """Serves the interface on 127.0.0.1; `url` says where. `port` 0 takes a free one."""

    def __init__(self, port: int = 0) -> None:
        try:
            self._server = Server("127.0.0.1", port)
        except ComponentError as error:
            raise ComponentError(str(error).replace("the API", "ClickHouse's interface", 1)) from None
        self._engine: LockedEngine | None = None
        self.url = self._server.url

    def start(self, engine: LockedEngine) -> None:
        """Begins to answer. The front closes the engine's connections when it stops."""
        self._engine = engine
        self._server.start(create_clickhouse_app(engine))

    def stop(self) -> None:
        """Closes the port, then the connections. May be repeated."""
        self._server.stop()
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()


class _Turns:
    """As many queries at a time as the engine takes; who waits for a turn holds no thread, and may leave."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(STREAMS)

    async def take(self, query: Callable[[], Response]) -> Response:
        """Its answer, once its turn has come, or that it did not come."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._free.acquire()
        except TimeoutError:
            return _refusal(503, _BUSY, "too many queries at a time; ask again later")
        try:
            return await run_in_threadpool(query)
        finally:
            self._free.release()


def create_clickhouse_app(engine: LockedEngine) -> Any:
    """The ASGI application."""
    room, turns = Room(), _Turns()

    async def ping(request: Request) -> Response:
        return PlainTextResponse("Ok.\n")

    async def execute(request: Request) -> Response:
        if not _is_local(request):
            return _refusal(403, _REFUSED, "this interface answers on the loopback address only")
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > _MOST_BYTES:
                return _refusal(413, _REFUSED, "the statement is longer than 256 KiB")
        cancelling = Cancelling()
        asked = dict(request.query_params)
        query = partial(_answer, engine, asked, body, cancelling, room)
        work = asyncio.ensure_future(turns.take(query))
        await until_gone(request, work)
        if work.done():
            return work.result()
        await run_in_threadpool(cancelling.cancel)
        work.cancel()  # it still waits for its turn, or ends with its query
        await asyncio.wait({work})
        return Response(status_code=204)  # nobody reads it

    return Starlette(
        routes=[
            Route("/ping", ping, methods=["GET", "HEAD"]),
            Route("/", execute, methods=["GET", "POST"]),
        ]
    )


def _is_local(request: Request) -> bool:
    """Whether it was meant for this address, and not by a page of another site."""
    host = request.headers.get("host", "")
    name = host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]
    origin = request.headers.get("origin")
    return name in _NAMES and (origin is None or urlsplit(origin).netloc == host)


def _answer(
    engine: LockedEngine, asked: Mapping[str, str], body: bytes, cancelling: Cancelling, room: Room
) -> Response:
    statement = "\n".join(part for part in (asked.get("query", ""), body.decode(errors="replace")) if part)
    if _GREETING.fullmatch(statement):
        return Response(greeting(), headers={"X-ClickHouse-Format": "Native"})
    named = _FORMAT.search(statement)
    form = named[1] if named else asked.get("default_format", "TabSeparated")
    parameters = {name[6:]: value for name, value in asked.items() if name.startswith("param_")}
    try:
        answer = engine.query(statement, form, parameters, cancelling)
    except AnswerTooLarge as error:
        return _refusal(400, _TOO_LARGE, str(error))
    except InputError as error:
        return _refusal(403, _REFUSED, str(error))
    except ComponentError as error:
        return _refusal(503, _BUSY, str(error))
    except Exception as error:  # the engine raises RuntimeError with the server's own words
        return _failure(str(error))
    full = _refusal(503, _BUSY, "too many answers are being read; ask again later")
    return Kept(room, answer, {"X-ClickHouse-Format": form}, full)


def _refusal(status: int, code: int, sentence: str) -> Response:
    text = f"Code: {code}. DB::Exception: {sentence}"
    return PlainTextResponse(text, status, headers={"X-ClickHouse-Exception-Code": str(code)})


def _failure(words: str) -> Response:
    """The engine's own error, with the status that a server gives it."""
    code = _CODE.search(words)
    text = words[code.start() :] if code else "Code: 1002. DB::Exception: the engine failed"
    number = code[1] if code else str(_UNKNOWN)
    status = 404 if number in ("60", "81") else 400
    return PlainTextResponse(text, status, headers={"X-ClickHouse-Exception-Code": number})


def greeting() -> bytes:
    """The answer to the first question of Grafana's driver, one row in Native format.

    The driver reads it as from a newer server: with block info and a byte for each column. Revision 0 in the
    row makes it read everything after that in the plain form that the engine writes.
    """
    block_info = b"\x01\x00\x02\xff\xff\xff\xff\x00"
    columns = [
        ("displayName()", "String", _text("emc")),
        ("version()", "String", _text("26.9.2.1")),
        ("revision()", "UInt32", bytes(4)),
        ("timezone()", "String", _text("UTC")),
    ]
    body = b"".join(_text(name) + _text(kind) + b"\x00" + value for name, kind, value in columns)
    return block_info + bytes([len(columns), 1]) + body


def _text(text: str) -> bytes:
    raw = text.encode()
    return bytes([len(raw)]) + raw
