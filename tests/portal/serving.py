"""An application served to tests, and entrances to make one with."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from fastapi import FastAPI

from emc.access import Scope
from emc.registry import Registry, load_registry
from portal.access.entrance import Entrance
from portal.access.rules import Rules
from portal.server import Server
from sinks.access.tokens import TokenStore
from sinks.clickhouse.database import Database
from sinks.queries.reader import Reader

OPEN, TOKENS = Rules("open"), Rules("tokens")


def open_entrance(database: Database, registry: Registry | None = None) -> Entrance:
    """One where everybody is an operator."""
    return Entrance(Reader(database, registry or load_registry()), OPEN)


def token_of(database: Database, agency: str | None, *scopes: Scope, expires_at: int | None = None) -> str:
    """A new token of an agency, or (None) of an operator."""
    return TokenStore(database).create("test", agency, frozenset(scopes), expires_at).secret


@contextmanager
def served(app: FastAPI, token: str | None = None) -> Iterator[httpx.Client]:
    """A client of the application, which is served for the length of the block."""
    server = Server()
    server.start(app)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=30) as client:
        yield client
    server.stop()
