"""GET /v1/rates/stream: the changed rates of a selection, as server-sent events."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from emc.errors import EmcError
from portal.access.guard import Guard, Seen
from portal.answers import Rates
from portal.described import answers
from portal.errors import TooManyRequests
from portal.parameters import RateParameters
from portal.reading.rates import place
from sinks.queries.rate_query import RateQuery

COMMENT_EVERY = 15
LOOK_EVERY = 0.5
"""Seconds between two looks at whether anything was written; a selection is read again only then."""
_CHECKED_EVERY = 5.0
"""Seconds after which it is asked again who reads: a revoked token ends its streams."""
MOST_STREAMS, MOST_OF_ONE = 200, 40
"""Streams at once: of all, and of one agency. Operators' count among all."""
_encode = msgspec.json.encode


class Mark:
    """When the tables were last written, looked at by one for all streams of the process."""

    def __init__(self) -> None:
        self.streams: Counter[str | None] = Counter()
        self._seen: tuple[float, Any] = (float("-inf"), None)
        self._lock = asyncio.Lock()

    def check_room(self, agency: str | None) -> None:
        """TooManyRequests when there are too many streams, of all or of one agency."""
        if self.streams.total() >= MOST_STREAMS:
            raise TooManyRequests(f"expected at most {MOST_STREAMS} streams at once", 10)
        if agency is not None and self.streams[agency] >= MOST_OF_ONE:
            raise TooManyRequests(f"expected at most {MOST_OF_ONE} streams of an agency at once", 10)

    async def read(self, seen: Seen) -> Any:
        """Changes whenever rates may have changed."""
        async with self._lock:
            if time.monotonic() - self._seen[0] >= LOOK_EVERY:
                self._seen = (time.monotonic(), await run_in_threadpool(seen.reader.written_until))
            return self._seen[1]


def stream_routes(guard: Guard) -> APIRouter:
    """The route of changed rates."""
    routes = APIRouter(prefix="/v1")
    mark = Mark()
    told: dict[str, Any] = answers(Rates)
    told["responses"][200]["content"] = {"text/event-stream": {"schema": {"type": "string"}}}

    @routes.get("/rates/stream", **told)
    async def stream(
        request: Request,
        seen: Annotated[Seen, Depends(guard.rates)],
        asked: Annotated[RateParameters, Query()],
    ) -> Response:
        """Begins with what changes from now on: an event `rates` within 2 s of each change."""
        mark.check_room(seen.caller.agency)
        query = RateQuery(**asked.model_dump())
        before = await mark.read(seen)
        held = await run_in_threadpool(_rates, seen, query)  # what is asked wrongly is told at once
        guard.only_waits(request)
        changes = _changes(guard, mark, request, query, before, held)
        return EventSourceResponse(changes, ping=COMMENT_EVERY, headers={"Cache-Control": "no-store"})

    return routes


async def _changes(
    guard: Guard, mark: Mark, request: Request, query: RateQuery, before: Any, held: dict[Any, Any]
) -> AsyncIterator[ServerSentEvent]:
    seen, checked = await run_in_threadpool(guard.rates, request), time.monotonic()
    whose = seen.caller.agency
    mark.streams[whose] += 1
    try:
        while not await request.is_disconnected():
            await asyncio.sleep(LOOK_EVERY)
            try:
                if time.monotonic() - checked > _CHECKED_EVERY:
                    seen, checked = await run_in_threadpool(guard.rates, request), time.monotonic()
                now = await mark.read(seen)
                if now == before:
                    continue
                found = await run_in_threadpool(_rates, seen, query)
            except EmcError:
                return  # the asker connects again and is told why not
            changed = [rate for where, rate in found.items() if held.get(where) != rate]
            before, held = now, found
            if changed:
                yield ServerSentEvent(_encode({"rates": changed}).decode(), event="rates")
    finally:
        mark.streams[whose] -= 1


def _rates(seen: Seen, query: RateQuery) -> dict[Any, dict[str, Any]]:
    return {place(rate): rate for rate in seen.reader.rates(query)}
