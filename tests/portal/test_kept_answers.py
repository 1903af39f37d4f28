"""Answers that wait to be read: whole for who reads, bounded for who does not."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from portal import kept_answers
from portal.kept_answers import MOST, SMALL, Kept, Room

FULL = PlainTextResponse("later", 503)
Sent = list[MutableMapping[str, Any]]


async def nothing() -> MutableMapping[str, Any]:
    return {"type": "http.disconnect"}


def sent_of(room: Room, body: bytes) -> Sent:
    """What is handed to the server for an answer."""
    sent: Sent = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(Kept(room, body, {"X-Form": "TSV"}, FULL)({"type": "http"}, nothing, send))
    return sent


@pytest.mark.parametrize("size", [0, 1, 64 << 10, (64 << 10) + 1, 200_000])
def test_an_answer_is_handed_over_whole_in_pieces(size: int) -> None:
    room, body = Room(), bytes(number % 251 for number in range(size))
    head, *pieces = sent_of(room, body)
    assert (b"content-length", str(size).encode()) in head["headers"]
    assert (b"x-form", b"TSV") in head["headers"]
    assert b"".join(piece["body"] for piece in pieces) == body
    assert [piece["more_body"] for piece in pieces] == [True] * (len(pieces) - 1) + [False]
    assert room.take(MOST), "it has left its room"


def test_where_there_is_no_room_only_small_answers_are_given() -> None:
    room = Room()
    assert room.take(MOST)
    assert sent_of(room, b"x" * SMALL)[0]["status"] == 200
    assert sent_of(room, b"x" * (SMALL + 1))[0]["status"] == 503
    room.leave(MOST)
    assert sent_of(room, b"x" * (SMALL + 1))[0]["status"] == 200


def test_answers_that_nobody_reads_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_answers, "WITHIN", 0.05)
    room, begun = Room(), []

    async def send(message: MutableMapping[str, Any]) -> None:
        begun.append(message["type"])
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()  # as the server, whose buffer is full

    asyncio.run(Kept(room, b"x" * (1 << 20), {}, FULL)({"type": "http"}, nothing, send))
    assert begun == ["http.response.start", "http.response.body"]
    assert room.take(MOST), "it has left its room"
