"""A refusal reaches who is still sending, and who never ends is not waited for long."""

import asyncio
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from portal import unread
from portal.access.rules import Rules
from portal.door import Door
from portal.errors import error
from portal.server import Server


@pytest.fixture
def refusing() -> Iterator[int]:
    """The port of a service that refuses everything."""
    server = Server()
    server.start(Door(error("forbidden", "no"), Rules("open")))  # type: ignore[arg-type]
    yield int(server.url.rpartition(":")[2])
    server.stop()


HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 200000\r\n"


def test_an_answer_begins_when_the_request_is_sent(refusing: int) -> None:
    with socket.create_connection(("127.0.0.1", refusing)) as client:
        client.sendall(HEAD + b"\r\n" + b"x" * 100_000)
        client.settimeout(0.5)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(20)
        client.sendall(b"x" * 100_000)
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 403")
    assert b'"reason":"forbidden"' in answer


def test_a_body_that_does_not_end_is_answered_all_the_same(
    refusing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread, "WITHIN", 0.3)
    with socket.create_connection(("127.0.0.1", refusing)) as client:
        client.settimeout(20)
        client.sendall(HEAD + b"\r\nx")
        assert client.recv(12) == b"HTTP/1.1 403"


def test_who_asks_whether_to_send_is_told_not_to(refusing: int) -> None:
    with socket.create_connection(("127.0.0.1", refusing)) as client:
        client.settimeout(4)
        client.sendall(HEAD + b"Expect: 100-continue\r\n\r\n")
        assert client.recv(12) == b"HTTP/1.1 403"


def test_no_more_is_thrown_away_than_is_little() -> None:
    sent = 0

    async def receive() -> dict[str, Any]:
        nonlocal sent
        sent += 65_536
        return {"type": "http.request", "body": b"x" * 65_536, "more_body": True}

    begun = time.monotonic()
    asyncio.run(unread.Unread({"type": "http", "headers": []}, receive).throw_away())
    assert sent == unread.MOST
    assert time.monotonic() - begun < unread.WITHIN
