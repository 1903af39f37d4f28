"""ClickHouse's HTTP interface over the in-process engine, in a process of its own: a server for tests.

It takes what clickhouse-connect's HTTP client sends: queries with parameters and settings, and inserts whose
rows follow the statement. No sessions, no users, no compression. `POST /fault` makes it fail on purpose.

    python -m tests.clickhouse_front DIRECTORY [PORT]     prints {"port": N} when ready, ends when stdin ends
"""

import json
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import chdb

ENGINE_OPTIONS = "max_server_memory_usage=1200000000&mark_cache_size=67108864&background_pool_size=2"
_INSERT = re.compile(rb"\s*INSERT\s+INTO\s+.*?\s+FORMAT\s+(\w+)[ \t]*\r?\n", re.IGNORECASE | re.DOTALL)
_WITH_RESULT = re.compile(r"\s*(?:SELECT|WITH|SHOW|DESC|DESCRIBE|EXPLAIN|EXISTS|CHECK)\b", re.IGNORECASE)
_CODE = re.compile(r"Code: (\d+)")
# What belongs to the transport; all other parameters are settings.
_NOT_SETTINGS = re.compile(
    r"database|query|query_id|default_format|client_protocol_version|session_.*|user|password|role|quota_key|compress"
    r"|decompress|buffer_size|wait_end_of_query|enable_http_compression|send_progress_in_http_headers|http_.*"
)


class Connection:
    """One connection to the engine, with the database and the settings that were last set on it."""

    def __init__(self, path: Path) -> None:
        self._engine = chdb.connect(f"{path}?{ENGINE_OPTIONS}")
        self._database = "default"
        self._settings: dict[str, str] = {}

    def run(
        self, sql: str, form: str, database: str, settings: dict[str, str], parameters: dict[str, str]
    ) -> bytes:
        """The answer to one statement."""
        if database != self._database:
            self._engine.query(f"USE `{database}`", "TabSeparated")
            self._database = database
        for name in self._settings.keys() - settings.keys():
            self._engine.query(f"SET {name} = DEFAULT", "TabSeparated")
        for name, value in settings.items():
            if self._settings.get(name) != value:
                quoted = value.replace("\\", "\\\\").replace("'", "\\'")
                self._engine.query(f"SET {name} = '{quoted}'", "TabSeparated")
        self._settings = settings
        return self._engine.query(sql, form, params=parameters).bytes() or b""

    @property
    def is_reusable(self) -> bool:
        """A connection that was made readonly stays so."""
        return "readonly" not in self._settings


class Engine:
    """The engine and its idle connections."""

    def __init__(self, path: Path) -> None:
        self.path, self.scratch = path, path / "inserts"
        self.scratch.mkdir(parents=True, exist_ok=True)
        self._idle: LifoQueue[Connection] = LifoQueue()
        self._idle.put(Connection(path))

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection for one request; after an error it is not used again, for its settings are unknown."""
        try:
            connection = self._idle.get_nowait()
        except Empty:
            connection = Connection(self.path)
        yield connection
        if connection.is_reusable:
            self._idle.put(connection)


class Fault:
    """A failure on purpose: while it lasts, statements that contain `match` stall, then fail with `code`.

    A code of -1 answers as something between here and ClickHouse would, without a code. `done`: the statement
    is run before it fails, as when an answer is lost.
    """

    def __init__(self) -> None:
        self._until, self._match, self._code, self._stall, self._done = 0.0, "", 0, 0.0, False

    def set(
        self, seconds: float, match: str = "", code: int = 0, stall: float = 0.0, done: bool = False
    ) -> None:
        """From now on for so many seconds."""
        self._until, self._match = time.monotonic() + seconds, match
        self._code, self._stall, self._done = code, stall, done

    def strike(self, statement: str, done: bool) -> None:
        """Raises when it is this statement's turn; `done`: it has been run."""
        if time.monotonic() > self._until or self._match not in statement or done != self._done:
            return
        time.sleep(self._stall)
        if self._code:
            code = f"Code: {self._code}. DB::Exception: " if self._code > 0 else ""
            raise RuntimeError(f"{code}A fault on purpose. (FAULT)")


class Handler(BaseHTTPRequestHandler):
    """Answers one HTTP connection."""

    protocol_version = "HTTP/1.1"
    engine: Engine
    fault: Fault

    def do_GET(self) -> None:
        """`/ping`, or a query in the address."""
        if urlsplit(self.path).path == "/ping":
            self._answer(200, b"Ok.\n")
        else:
            self._execute(b"")

    def do_POST(self) -> None:
        """A statement in the body or before it."""
        body = self._body()
        if urlsplit(self.path).path == "/fault":
            self.fault.set(**json.loads(body))
            self._answer(200, b"")
        else:
            self._execute(body)

    def _execute(self, body: bytes) -> None:
        parameters = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        statement = parameters.get("query", "").encode()
        statement = statement + b"\n" + body if statement and body else statement or body
        try:
            answer, form = self._run(statement, parameters)
            self.fault.strike(statement[:200].decode(errors="replace"), done=True)
        except Exception as error:
            code = _CODE.search(str(error))
            headers = {"X-ClickHouse-Exception-Code": code[1]} if code else {}
            self._answer(404 if code and code[1] in ("60", "81") else 500, str(error).encode(), headers)
        else:
            self._answer(200, answer, {"X-ClickHouse-Format": form} if form else {})

    def _run(self, statement: bytes, parameters: dict[str, str]) -> tuple[bytes, str]:
        """The answer and, where there is a result, its format."""
        form = parameters.get("default_format", "TabSeparated")
        settings = {
            name: value
            for name, value in parameters.items()
            if not name.startswith("param_") and not _NOT_SETTINGS.fullmatch(name)
        }
        bound = {name[6:]: value for name, value in parameters.items() if name.startswith("param_")}
        database = parameters.get("database") or "default"
        insert = _INSERT.match(statement)
        text = (insert[0] if insert else statement).decode()
        self.fault.strike(text, done=False)
        with self.engine.connection() as connection:
            if insert and insert.end() < len(statement):
                rows = statement[insert.end() :]
                with tempfile.NamedTemporaryFile(dir=self.engine.scratch) as file:
                    file.write(rows)
                    file.flush()
                    sql = re.sub(r"\s+FORMAT\s+(\w+)\s*$", rf" FROM INFILE '{file.name}' FORMAT \1", text)
                    return connection.run(sql, form, database, settings, bound), ""
            answer = connection.run(text, form, database, settings, bound)
        return answer, form if _WITH_RESULT.match(text) else ""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing: the test speaks."""


def main() -> None:
    """Serves until standard input ends, so that it never outlives the process that started it."""
    Handler.engine, Handler.fault = Engine(Path(sys.argv[1])), Fault()
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"port": server.server_address[1]}), flush=True)
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
