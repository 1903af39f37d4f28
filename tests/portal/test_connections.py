"""Strangers' connections: many, silent, half a request; others are answered meanwhile."""

import socket
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from portal import connections
from portal.server import Server


@pytest.fixture
def server() -> Iterator[Server]:
    app = FastAPI()

    @app.get("/")
    def answer() -> str:
        return "yes"

    started = Server()
    started.start(app)
    yield started
    started.stop()


def opened(server: Server, number: int, sent: bytes) -> list[socket.socket]:
    """Connections that have sent only this."""
    port = int(server.url.rpartition(":")[2])
    found = [socket.create_connection(("127.0.0.1", port)) for _ in range(number)]
    for each in found:
        each.sendall(sent)
    return found


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: loc"])
def test_a_thousand_half_open_connections_keep_nobody_out(server: Server, sent: bytes) -> None:
    strangers = opened(server, 1000, sent)
    try:
        for _ in range(5):
            assert httpx.get(server.url, timeout=20).json() == "yes"
    finally:
        for each in strangers:
            each.close()


def test_a_head_that_does_not_come_ends_the_connection(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEADERS_WITHIN", 0.5)
    (stranger,) = opened(server, 1, b"GET / HTTP/1.1\r\n")
    stranger.settimeout(20)
    with stranger:
        assert stranger.recv(1) == b""


def test_a_slow_second_head_ends_it_as_well(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEADERS_WITHIN", 0.5)
    (stranger,) = opened(server, 1, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    stranger.settimeout(20)
    with stranger:
        assert b"200 OK" in stranger.recv(4096)
        stranger.sendall(b"GET / HTT")
        while stranger.recv(4096):  # what is left of the answer; a time-out fails the test
            pass
