"""Serving from a thread."""

import socket

import httpx
import pytest
from fastapi import FastAPI

from emc.errors import ComponentError
from portal.api import bare_app
from portal.health import health_routes
from portal.server import Server, _listen
from tests.engine import embedded_database
from tests.portal.serving import open_entrance


def test_it_answers_until_it_is_stopped() -> None:
    with embedded_database() as database:
        entrance = open_entrance(database)
        app = bare_app(entrance)
        app.include_router(health_routes(lambda: {"status": "ok"}, entrance.keeper))
        _serves_until_stopped(app)


def _serves_until_stopped(app: FastAPI) -> None:
    server = Server()
    server.start(app)
    assert httpx.get(f"{server.url}/v1/health").json() == {"status": "ok"}
    server.stop()
    server.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{server.url}/v1/health")


def test_a_port_in_use_is_told_before_anything_starts() -> None:
    first = Server()
    port = int(first.url.rpartition(":")[2])
    with pytest.raises(ComponentError, match=rf"^the API cannot listen on 127\.0\.0\.1:{port} "):
        Server(port=port)
    first.stop()
    Server(port=port).stop()


def test_answers_do_not_wait_for_acknowledgements() -> None:
    """asyncio turns Nagle's algorithm off for sockets that are named as TCP, and for no others."""
    listening = _listen("127.0.0.1", 0)
    with listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.proto == socket.IPPROTO_TCP
