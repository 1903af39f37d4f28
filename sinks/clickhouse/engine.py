"""How the engine is reached: over HTTP when the target is a URL, in this process when it is a directory."""

import fcntl
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, ProgrammingError

from emc.errors import DataDirectoryError, SettingError
from sinks.clickhouse.cluster import SETTINGS as OF_CLUSTERS
from sinks.clickhouse.cluster import Cluster
from sinks.clickhouse.failures import failure_of

# Partitions come from columns that are part of the key or never change, so FINAL need not merge across them.
SETTINGS = {
    "do_not_merge_across_partitions_select_final": 1,
    "max_partitions_per_insert_block": 100,
    # Replacing inside each block would double the cost of an insert; FINAL and merges replace anyway.
    "optimize_on_insert": 0,
}
_numbers = count()
_opened_here: set[Path] = set()
_CONNECT_SECONDS = 5
_ANSWER_SECONDS = 120


class Server:
    """A server: `http://user:password@host:port/database`, the port 8123 (https: 8443) by default.

    `?cluster=NAME` behind it: it is a node of that cluster, any one.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingError(
                f"clickhouse is {_without_password(url)!r}, expected http://host:port/database"
            )
        self.database = parts.path.strip("/") or "emc"
        named = parse_qs(parts.query).get("cluster")
        self.cluster = Cluster(named[0], self.database) if named else None
        self._settings: dict[str, Any] = SETTINGS | (OF_CLUSTERS if named else {})
        self.place = f"{parts.hostname}:{parts.port or (8443 if parts.scheme == 'https' else 8123)}"
        self._options: dict[str, Any] = {
            "host": parts.hostname,
            "port": parts.port or (8443 if parts.scheme == "https" else 8123),
            "interface": parts.scheme,
            "username": unquote(parts.username or "default"),
            "password": unquote(parts.password or ""),
        }

    def open(self, database: str | None) -> Client:
        """A new client; `EngineUnavailable` when the server does not answer."""
        try:
            try:
                return self._client(database, self._settings)
            except (
                ProgrammingError
            ):  # a reader's account may not change settings; they only matter to writers
                return self._client(database, {})
        except (ClickHouseError, OSError) as error:
            raise failure_of(error, self.place) from error

    def _client(self, database: str | None, settings: dict[str, Any]) -> Client:
        return clickhouse_connect.get_client(
            **self._options,
            database=database or "default",
            compress=False,
            query_retries=0,
            connect_timeout=_CONNECT_SECONDS,
            send_receive_timeout=_ANSWER_SECONDS,
            autogenerate_session_id=False,
            settings=settings,
        )

    def insert(self, client: Client, table: str, names: Sequence[str], block: bytes) -> None:
        """Inserts one block in Native format."""
        client.raw_insert(f"`{table}`", names, block, fmt="Native")


class Embedded:
    """The engine in this process, its files in a directory that only one process may have open.

    Never fork after opening: queries of the child hang.
    """

    cluster: Cluster | None = None

    def __init__(self, path: Path, database: str, memory: int) -> None:
        self.path, self.database, self.place = path, database, str(path)
        self._chdb_options = {
            "max_server_memory_usage": memory,
            "mark_cache_size": 64 << 20,
            "query_condition_cache_size": 16 << 20,
            "background_pool_size": 2,
            "background_merges_mutations_concurrency_ratio": 1,  # each merge holds a block of every part
        }
        self._scratch = path / "inserts"
        try:
            self._scratch.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataDirectoryError(f"{self.path} cannot be written ({error.strerror})") from error
        self._opened = False

    def open(self, database: str | None) -> Client:
        """A new client; `DataDirectoryError` when another process has the directory."""
        self._refuse_held()
        try:
            client = clickhouse_connect.get_client(
                interface="chdb",
                path=str(self.path),
                database=database or "default",
                settings=SETTINGS,
                chdb_options=self._chdb_options,
            )
        except (ClickHouseError, OSError, RuntimeError) as error:
            if "EmbeddedServer" in str(error):
                raise DataDirectoryError(f"{self.path} cannot be opened by the ClickHouse engine") from error
            raise failure_of(error, self.place) from error
        self._sweep()
        return client

    def _refuse_held(self) -> None:
        """The engine tells who holds its directory on standard error only, so its lock is looked at first."""
        status = self.path / "status"
        if self._opened or self.path.resolve() in _opened_here or not status.exists():
            return
        with status.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise DataDirectoryError(f"{self.path} is held by another process") from None

    def insert(self, client: Client, table: str, names: Sequence[str], block: bytes) -> None:
        """Inserts one block in Native format, handed over in a file, as the engine wants it."""
        file = self._scratch / f"{next(_numbers)}.native"
        columns = ", ".join(f"`{name}`" for name in names)
        try:
            file.write_bytes(block)
            client.command(f"INSERT INTO `{table}` ({columns}) FROM INFILE '{_quoted(file)}' FORMAT Native")
        finally:
            file.unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Once the directory is ours: removes what inserts of a killed process left."""
        if not self._opened:
            self._opened = True
            _opened_here.add(self.path.resolve())
            for left in self._scratch.glob("*.native"):
                left.unlink(missing_ok=True)


def _quoted(path: Path) -> str:
    return str(path.resolve()).replace("\\", "\\\\").replace("'", "\\'")


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
