"""Strangers' connections: many, silent, half a request; others are answered meanwhile."""

import socket
import time
from collections.abc import Collection, Iterator

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse

from portal import connections
from portal.server import Server
from tests.cli.processes import wait_until


@pytest.fixture
def server() -> Iterator[Server]:
    app = FastAPI()

    @app.get("/")
    def answer() -> str:
        return "yes"

    @app.post("/")
    async def take(request: Request) -> int:
        return len(await request.body())

    @app.get("/large")
    def large() -> PlainTextResponse:
        return PlainTextResponse("x" * 50_000_000)

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


HALF_A_HEAD = b"GET / HTTP/1.1\r\nHost: loc"
HALF_A_BODY = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx"
UNREAD = b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize("sent", [b"", HALF_A_HEAD, HALF_A_BODY])
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
    monkeypatch.setitem(connections.WITHIN, "head", 0.5)
    (stranger,) = opened(server, 1, b"GET / HTTP/1.1\r\n")
    stranger.settimeout(20)
    with stranger:
        assert stranger.recv(1) == b""


def test_a_slow_second_head_ends_it_as_well(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections.WITHIN, "head", 0.5)
    (stranger,) = opened(server, 1, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    stranger.settimeout(20)
    with stranger:
        assert b"200 OK" in stranger.recv(4096)
        stranger.sendall(b"GET / HTT")
        while stranger.recv(4096):  # what is left of the answer; a time-out fails the test
            pass


@pytest.mark.parametrize("dribbled", [b"", b"x"])
def test_a_body_that_does_not_end_ends_the_connection(
    server: Server, monkeypatch: pytest.MonkeyPatch, dribbled: bytes
) -> None:
    monkeypatch.setitem(connections.WITHIN, "body", 1.0)
    (stranger,) = opened(server, 1, HALF_A_BODY)
    with stranger:
        assert ends(stranger, dribbled)


def ends(stranger: socket.socket, dribbled: bytes) -> bool:
    """Whether the other side closes the connection, to which a byte is sent now and then."""
    stranger.settimeout(0.1)
    for _ in range(200):
        try:
            stranger.sendall(dribbled)
            if stranger.recv(1) == b"":
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False


def test_an_answer_that_nobody_reads_ends_the_connection(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "READ_EVERY", 0.5)
    (stranger,) = opened(server, 1, UNREAD)
    with stranger:
        wait_until(lambda: len(kept(server)) == 1, 20)
        wait_until(lambda: not kept(server), 20)


def kept(server: Server) -> Collection[object]:
    """The connections that the server holds."""
    assert server._server is not None
    return server._server.server_state.connections


def test_a_slow_reader_gets_its_answer(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "READ_EVERY", 0.2)
    (reader,) = opened(server, 1, UNREAD.replace(b"Host", b"Connection: close\r\nHost"))
    reader.settimeout(20)
    got = 0
    with reader:
        while piece := reader.recv(4_000_000):
            got += len(piece)
            time.sleep(0.03)
    assert got > 50_000_000


def test_who_makes_room_is_who_lets_us_wait(server: Server) -> None:
    strangers = opened(server, connections.MOST, HALF_A_BODY)
    try:
        with httpx.Client(base_url=server.url, timeout=20) as client:
            assert client.post("/", content=b"x" * 3_000_000).json() == 3_000_000
        assert len(kept(server)) <= connections.MOST + 1
    finally:
        for each in strangers:
            each.close()
