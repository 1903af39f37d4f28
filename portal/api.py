"""The API: what the readers answer, as JSON under /v1."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, FastAPI, Query, Response
from fastapi.responses import StreamingResponse

from emc.definitions import DEFINITIONS
from emc.errors import InputError
from emc.identifiers import dossier_agency
from portal import errors
from portal.access.entrance import Entrance
from portal.access.guard import Guard, Seen
from portal.access.rotation import Rotation
from portal.access.sign_in import sign_in_routes
from portal.door import Door
from portal.health import Health, health_routes
from portal.parameters import DossierParameters, NoParameters, RateParameters, RejectionParameters
from portal.sending.routes import Sending, sending_routes
from sinks.queries.rate_query import RateQuery

_encode = msgspec.json.encode
JSON = "application/json"


def create_app(
    entrance: Entrance,
    health: Health,
    metrics: Callable[[], bytes] | None = None,
    sending: Sending | None = None,
) -> FastAPI:
    """The application behind one entrance; with `sending` it takes events, too.

    `health` gives the health answer, `metrics` the text for Prometheus; both are called for each request.
    """
    app = bare_app(entrance)
    guard = entrance.guard
    app.include_router(health_routes(health, entrance.keeper, metrics))
    if sending is not None:
        app.include_router(sending_routes(sending))
    app.include_router(sign_in_routes(entrance.keeper, entrance.record))
    app.include_router(_rates(guard))
    app.include_router(_dossiers(guard))
    app.include_router(_registry(guard))
    return app


def create_gateway(entrance: Entrance, health: Health, sending: Sending) -> FastAPI:
    """An application that takes events and answers nothing else."""
    app = bare_app(entrance)
    app.include_router(health_routes(health, entrance.keeper))
    app.include_router(sending_routes(sending))
    return app


def bare_app(entrance: Entrance) -> FastAPI:
    """An application without routes: its errors in one shape, its door kept."""
    app = FastAPI(
        title="EMC monitor", version="1", docs_url=None, redoc_url=None, openapi_url="/v1/openapi.json"
    )
    errors.install(app)
    app.add_middleware(Rotation, keeper=entrance.keeper)
    app.add_middleware(Door, rules=entrance.rules, record=entrance.record)
    return app


def answer(content: Mapping[str, Any]) -> Response:
    """A JSON answer; numbers unrounded."""
    return Response(_encode(content), media_type=JSON)


def _rates(guard: Guard) -> APIRouter:
    routes = APIRouter(prefix="/v1")

    @routes.get("/rates")
    def rates(
        seen: Annotated[Seen, Depends(guard.rates)], asked: Annotated[RateParameters, Query()]
    ) -> Response:
        """Rates of agencies and groups."""
        return answer({"rates": seen.reader.rates(RateQuery(**asked.model_dump()))})

    @routes.get("/rejections")
    def rejections(
        seen: Annotated[Seen, Depends(guard.dossiers)], asked: Annotated[RejectionParameters, Query()]
    ) -> Response:
        """Refused events, newest first; their bytes are not here."""
        return answer(seen.reader.rejections(asked.agency, asked.limit, asked.before, asked.cursor))

    @routes.get("/audit")
    def audit(seen: Annotated[Seen, Depends(guard.admin)], _: Annotated[NoParameters, Query()]) -> Response:
        """Computes everything a second way and compares; takes its time."""
        return answer(seen.reader.audit())

    return routes


def _dossiers(guard: Guard) -> APIRouter:
    routes = APIRouter(prefix="/v1/dossiers")

    @routes.get("")
    def dossiers(
        seen: Annotated[Seen, Depends(guard.dossiers)], asked: Annotated[DossierParameters, Query()]
    ) -> Response:
        """The dossiers of a rate's denominator, each on a line of its own."""
        found = seen.reader.dossiers(**asked.model_dump())
        first = list(islice(found, 1))  # what fails, fails before the answer begins
        return StreamingResponse(_lines("dossiers", chain(first, found)), media_type=JSON)

    @routes.get("/{dossier}/explanation")
    def explanation(
        dossier: str, seen: Annotated[Seen, Depends(guard.dossiers)], _: Annotated[NoParameters, Query()]
    ) -> Response:
        """One dossier: its events, its state, and every rate that it counts in."""
        if dossier_agency(dossier) is None:
            raise InputError(f"dossier is {dossier!r}, expected a code like 000.00.16.H25-240305-0007")
        try:
            return answer(seen.reader.explain(dossier))
        except InputError as failure:
            raise errors.NotFound(str(failure)) from None

    return routes


def _lines(name: str, found: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    """`{"name": [...]}` in pieces, so that a reader needs to hold one line only and sees a broken end."""
    yield b'{"%s": [' % name.encode()
    comma = b"\n"
    for each in found:
        yield comma + _encode(each)
        comma = b",\n"
    yield b"\n]}\n"


def _registry(guard: Guard) -> APIRouter:
    routes = APIRouter(prefix="/v1")

    @routes.get("/sources")
    def sources(
        seen: Annotated[Seen, Depends(guard.dossiers)], _: Annotated[NoParameters, Query()]
    ) -> Response:
        """When each source was last seen."""
        return answer({"sources": seen.reader.sources()})

    @routes.get("/definitions")
    def definitions(
        seen: Annotated[Seen, Depends(guard.rates)], _: Annotated[NoParameters, Query()]
    ) -> Response:
        """Every definition with its status, source and wording."""
        return answer({"definitions": DEFINITIONS})

    @routes.get("/agencies")
    def agencies(
        seen: Annotated[Seen, Depends(guard.rates)], _: Annotated[NoParameters, Query()]
    ) -> Response:
        """The agency registry."""
        return answer({"agencies": list(guard.registry.agencies.values())})

    return routes
