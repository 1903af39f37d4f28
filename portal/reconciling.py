"""POST /v1/reconciliations: an agency's own list held against what is counted; nothing of it is kept."""

import csv
import io
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from emc.errors import InputError
from portal.access.guard import Guard, Seen
from portal.bodies import media_type, read_body
from portal.described import answer, answers
from portal.dispute_answers import ReconciliationAnswer
from portal.errors import UnsupportedMediaType
from portal.paging import checked_limit
from portal.parameters import ReconcileParameters
from portal.reading.formats import CSV
from sinks.disputes.reconcile_query import Reconciling
from sinks.disputes.reconciliation import Reconciliation

LARGEST = 32 * 1024 * 1024
MOST = 1_000_000
_ROWS_AT_ONCE = 500


def reconciling_routes(guard: Guard) -> APIRouter:
    """The route under /v1."""
    routes = APIRouter(prefix="/v1")

    @routes.post("/reconciliations", **_described())
    async def reconcile(
        request: Request,
        seen: Annotated[Seen, Depends(guard.dossiers)],
        asked: Annotated[ReconcileParameters, Query()],
    ) -> Response:
        """Holds a list of dossiers, or totals, against what counts in a period."""
        limit = checked_limit(asked.limit, MOST)
        if asked.format not in ("json", "csv"):
            raise InputError(f"format is {asked.format!r}, expected one of json, csv")
        if media_type(request.headers) != CSV:
            raise UnsupportedMediaType(f"expected {CSV}")
        body = await read_body(request, LARGEST)
        wanted = Reconciling(asked.agency, asked.start, asked.period, asked.day)
        found = await run_in_threadpool(seen.reader.reconcile, wanted, body)
        guard.record.note("exported", seen.caller, "/v1/reconciliations", asked.format)
        return as_table(found) if asked.format == "csv" else answer(found.told(limit))

    return routes


def _described() -> dict[str, Any]:
    told = answers(ReconciliationAnswer, 413, 415, others=(CSV,))
    body = {"required": True, "content": {CSV: {"schema": {"type": "string"}}}}
    told["openapi_extra"] |= {"requestBody": body}
    return told


def as_table(found: Reconciliation) -> Response:
    """Every difference as a CSV, some rows at a time."""
    headers = {"Content-Disposition": 'attachment; filename="reconciliation.csv"'}
    return StreamingResponse(_pieces(found), media_type=CSV, headers=headers)


def _pieces(found: Reconciliation) -> Iterator[str]:
    piece = io.StringIO(newline="")
    writer = csv.writer(piece, lineterminator="\r\n")
    for number, row in enumerate(found.table(), 1):
        writer.writerow(row)
        if number % _ROWS_AT_ONCE == 0:
            yield piece.getvalue()
            piece.seek(0)
            piece.truncate()
    yield piece.getvalue()
