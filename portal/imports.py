"""Imports over the API: what a file is compared with, and what an import did, kept and read back.

The file itself stays with whoever imports it: `emc import` reads it, and sends only events and this record.
"""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from emc.errors import InputError
from emc.identifiers import dossier_agency
from portal import errors
from portal.access.guard import Guard, Seen
from portal.bodies import read_body
from portal.described import answer, answers
from portal.import_answers import (
    Catalogue,
    Declarations,
    DossierStates,
    ImportDetail,
    ImportKept,
    Imports,
    SourceWarnings,
)
from portal.paging import paged
from portal.parameters import ImportsParameters, NoParameters, OfAgencyParameters
from sinks.imports.record import ImportRecord

_MOST_BYTES = 16 * 1024 * 1024
_states = msgspec.json.Decoder(list[str])
_record = msgspec.json.Decoder(ImportRecord)


def import_routes(guard: Guard) -> APIRouter:
    """The routes under /v1."""
    routes = APIRouter(prefix="/v1")
    _comparing(routes, guard)

    @routes.get("/imports", **answers(Imports))
    def imports(
        seen: Annotated[Seen, Depends(guard.dossiers)], asked: Annotated[ImportsParameters, Query()]
    ) -> Response:
        """The newest imports of files."""
        return answer({"imports": seen.reader.imports(asked.agency, asked.limit)})

    @routes.get("/imports/{id}", **answers(ImportDetail, 404))
    def one(
        id: str,  # noqa: A002 - the name that the address shows
        seen: Annotated[Seen, Depends(guard.dossiers)],
        _: Annotated[NoParameters, Query()],
    ) -> Response:
        """One import, with the causes of what it refused."""
        with errors.asked_by_name():
            return answer(seen.reader.import_(id))

    @routes.post("/imports", **answers(ImportKept, 413, 415))
    async def keep(request: Request, seen: Annotated[Seen, Depends(guard.importer)]) -> Response:
        """Keeps what an import did; answers its identifier."""
        record = await _body(request, _record, "what an import did")
        return answer({"id": seen.reader.keep_import(record)})

    return routes


def _comparing(routes: APIRouter, guard: Guard) -> None:
    @routes.post("/dossiers/states", **answers(DossierStates, 413, 415))
    async def states(request: Request, seen: Annotated[Seen, Depends(guard.dossiers)]) -> Response:
        """The registers of those of at most a thousand dossiers that are known."""
        dossiers = await _body(request, _states, "a list of dossier codes")
        if not all(map(dossier_agency, dossiers)):
            raise InputError("dossiers: expected a list of dossier codes")
        return answer({"states": seen.reader.states(dossiers)})

    @routes.get("/catalogue", **answers(Catalogue))
    def catalogue(
        seen: Annotated[Seen, Depends(guard.dossiers)], asked: Annotated[OfAgencyParameters, Query()]
    ) -> Response:
        """An agency's catalogue of procedures."""
        return paged("entries", seen.reader.catalogue(asked.agency), ("procedure", "valid_from"), asked)

    @routes.get("/declarations", **answers(Declarations))
    def declarations(
        seen: Annotated[Seen, Depends(guard.dossiers)], asked: Annotated[OfAgencyParameters, Query()]
    ) -> Response:
        """What an agency declared to have handled, day by day."""
        return paged("declarations", seen.reader.declarations(asked.agency), ("day",), asked)

    @routes.get("/source-warnings", **answers(SourceWarnings))
    def warnings(
        seen: Annotated[Seen, Depends(guard.dossiers)], asked: Annotated[OfAgencyParameters, Query()]
    ) -> Response:
        """What is odd in what an agency's sources report, by source, with counts and examples."""
        return paged(
            "warnings", seen.reader.source_warnings(asked.agency), ("source", "warning", "field"), asked
        )


async def _body(request: Request, decoder: msgspec.json.Decoder[Any], what: str) -> Any:
    body = await read_body(request, _MOST_BYTES)
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise InputError(f"the body: expected {what}, as JSON") from None
