"""The routes of senders: POST /v1/events."""

from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from emc.access import Caller
from emc.agency_search import unregistered
from emc.contract import MAX_MESSAGE_BYTES
from emc.disclosure import shown_id
from emc.errors import InputError
from emc.registry import Registry
from portal.access.guard import Guard
from portal.answers import Sent
from portal.bodies import media_type, read_body
from portal.described import answers
from portal.sending.addressing import address_of
from portal.sending.answers import Result, answer_of, forbidden
from portal.sending.cloudevents import BATCH, BINARY, SINGLE, events_of
from portal.sending.limits import SendLimits
from portal.sending.post import Post
from producers.courier import Courier
from producers.source_words import SourceTable

_encode = msgspec.json.Encoder().encode


class Sending:
    """What the routes of senders share: the guard, the post room over one courier, the limits."""

    def __init__(
        self, guard: Guard, courier: Courier, limits: SendLimits, words: SourceTable | None = None
    ) -> None:
        self.guard, self.limits, self.words = guard, limits, words or SourceTable()
        self.post = Post(courier, guard.registry)

    async def admit(self, request: Request) -> Caller:
        """The caller, who may send, and not too much at once."""
        caller = self.guard.known_sender(request)
        if caller is None:
            caller = await run_in_threadpool(self.guard.sender, request)
        await self.limits.take_request(caller)
        return caller


def sending_routes(sending: Sending) -> APIRouter:
    """The routes over one post room."""
    routes = APIRouter()

    @routes.post("/v1/events", **_described())
    async def events(request: Request) -> Response:
        """Takes events: answered once Kafka has them, with what the stream will make of each."""
        caller = await sending.admit(request)
        reported_for = _agency(request, sending.post.registry)
        media = media_type(request.headers)
        body = await read_body(request, MAX_MESSAGE_BYTES)
        found = events_of(media, request.headers.items(), body)
        await sending.limits.take_events(caller, len(found))
        refused: list[Result] = []
        addressed = []
        for place, event in enumerate(found):
            address = address_of(event, caller, reported_for)
            if address.is_own:
                addressed.append((place, address.key, bytes(event)))
            else:
                refused.append(forbidden(place, _id(event)))
        results = await sending.post.send(addressed)
        return Response(_encode(answer_of([*results, *refused])), 202, media_type="application/json")

    return routes


def _described() -> dict[str, Any]:
    """For the decorator: the three ways to send, and what is answered."""
    told = answers(Sent, 413, 415, status=202)
    event = {"$ref": "#/components/schemas/Event"}
    bodies = {
        SINGLE: event,
        BATCH: {"type": "array", "maxItems": 1000, "items": event},
        BINARY: {"type": "object", "description": "`data` alone; the attributes stand in ce- headers"},
    }
    content = {media: {"schema": schema} for media, schema in bodies.items()}
    told["openapi_extra"] |= {
        "requestBody": {"required": True, "content": content},
        "parameters": [
            {
                "name": "agency",
                "in": "query",
                "schema": {"type": "string"},
                "description": "For whom a successor or delegate reports what is no dossier",
            }
        ],
    }
    return told


class _Named(msgspec.Struct):
    id: str = ""


_decode_id = msgspec.json.Decoder(_Named).decode


def _id(event: bytes | memoryview) -> str | None:
    """The id of an event that is kept nowhere, as refused ids are shown."""
    try:
        given = _decode_id(event).id
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return shown_id(given) if 1 <= len(given) <= 128 else None


def _agency(request: Request, registry: Registry) -> str | None:
    """The parameter `agency`; InputError for one that is not in the registry, and for any other."""
    asked = dict(request.query_params)
    agency = asked.pop("agency", None)
    for name in asked:
        raise InputError(f"{name} is no parameter of this address")
    if agency is not None and agency not in registry:
        raise unregistered("agency", agency, registry)
    return agency
