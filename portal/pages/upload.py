"""`/upload`: a file of an agency's dossiers, mapped by choosing, looked through, then sent."""

from collections.abc import Callable, Mapping
from typing import IO, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, StreamingResponse

from emc.errors import EmcError, InputError
from portal.access.guard import Seen
from portal.bodies import read_form
from portal.errors import NotFound, Refused, reason_of, told
from portal.pages.forms import gone_on
from portal.pages.frame import Frame, language_of
from portal.pages.mapping_form import choices, keys_of
from portal.pages.typed import moment_of
from portal.pages.writing import Writing
from portal.uploads.file_form import read_file_form
from portal.uploads.room import Uploads
from portal.uploads.row_reports import report_lines
from portal.uploads.spool import Folder
from portal.uploads.upload import Stage, Upload
from producers.importing.kinds import KINDS

_FORM_BYTES = 512 * 1024
_LISTED = 20
FORMS = ("auto", "dossier-sync", "csv", "xlsx", "ods", "jsonl")


def upload_routes(frame: Frame, uploads: Uploads, health: Callable[[], Mapping[str, Any]]) -> APIRouter:
    """The pages of uploads, and their forms."""
    routes = APIRouter(include_in_schema=False)
    _choosing(routes, frame, uploads)
    _one(routes, frame, uploads)
    _acting(routes, frame, uploads, health)
    _reports(routes, frame, uploads)
    return routes


def _choosing(routes: APIRouter, frame: Frame, uploads: Uploads) -> None:
    @routes.get("/upload")
    def upload(request: Request, seen: Annotated[Seen, Depends(frame.guard.uploader)]) -> Response:
        return _list(frame, uploads, request, seen)

    @routes.post("/upload")
    async def take(request: Request, seen: Annotated[Seen, Depends(frame.guard.uploader)]) -> Response:
        begun: list[tuple[Folder, str]] = []

        def open_file(fields: dict[str, str], name: str) -> IO[bytes]:
            frame.guard.keeper.check_write(request, fields.get("csrf", ""))
            folder = uploads.spool.begin(_agency(frame, seen, fields))
            begun.append((folder, name))
            return folder.open_new(folder.file)

        try:
            fields = await read_file_form(request, uploads.spool.largest, open_file)
            folder, name = begun[0]
            kind, form = fields.get("kind", "dossiers"), fields.get("form", "auto")
            made = await run_in_threadpool(uploads.add, folder, name, kind, form)
        except EmcError as error:
            for folder, _ in begun:
                await run_in_threadpool(folder.remove)
            if isinstance(error, Refused) and error.reason == "forbidden":
                raise
            return await run_in_threadpool(_list, frame, uploads, request, seen, error)
        frame.guard.record.note("uploaded", seen.caller, "/upload")
        return gone_on(request, f"/upload/{made.id}")


def _agency(frame: Frame, seen: Seen, fields: Mapping[str, str]) -> str:
    """Whose file it is: the caller's own, or the one that an operator names."""
    agency = seen.caller.agency or fields.get("agency", "")
    if agency not in frame.guard.registry:
        raise InputError("agency is not known, expected a code of the agency registry")
    return agency


def _list(
    frame: Frame, uploads: Uploads, request: Request, seen: Seen, error: EmcError | None = None
) -> Response:
    agency = seen.caller.agency
    model = {
        "uploads": uploads.of(agency),
        "imports": seen.reader.imports(agency, _LISTED),
        "largest": uploads.spool.largest // 1024**2,
        "forms": FORMS,
        "kinds": list(KINDS),
        "agencies": sorted(frame.guard.registry.agencies, key=frame.agency_name) if agency is None else [],
        "problem": "" if error is None else str(error),
    }
    status = 200 if error is None else told(error).status_code
    if error is not None:
        request.state.reason = reason_of(error)
    return frame.page(request, "upload.html", seen.caller, model, status)


def _one(routes: APIRouter, frame: Frame, uploads: Uploads) -> None:
    @routes.get("/upload/{id}")
    def one(
        request: Request,
        id: str,  # noqa: A002 - the name that the address shows
        seen: Annotated[Seen, Depends(frame.guard.uploader)],
    ) -> Response:
        upload = uploads.find(id, seen.caller.agency)
        shown: dict[str, Any] = {"preview": [], "problem": upload.problem, "saved": {}, "choices": []}
        if upload.stage is Stage.WAITING:
            if upload.given.is_table:
                shown["saved"] = seen.reader.mappings(upload.given.agency, upload.given.kind)
                shown["choices"] = choices(upload)
            try:
                shown["preview"] = uploads.preview(upload)
            except InputError as error:
                shown["problem"] = shown["problem"] or str(error)
        model = {"upload": upload, "told": uploads.told(upload), "kind": KINDS[upload.given.kind], **shown}
        return frame.page(request, "upload_one.html", seen.caller, model)


def _acting(
    routes: APIRouter, frame: Frame, uploads: Uploads, health: Callable[[], Mapping[str, Any]]
) -> None:
    acts = _Acts(frame, uploads, health)

    @routes.post("/upload/{id}")
    async def do(
        request: Request,
        id: str,  # noqa: A002 - the name that the address shows
        seen: Annotated[Seen, Depends(frame.guard.uploader)],
    ) -> Response:
        form = await read_form(request, _FORM_BYTES)
        upload = uploads.find(id, seen.caller.agency)
        await run_in_threadpool(frame.guard.keeper.check_write, request, form.get("csrf", ""))
        if form.get("do") == "drop":
            await run_in_threadpool(uploads.drop, upload)
            return gone_on(request, "/upload")
        try:
            await run_in_threadpool(acts.act, upload, seen, form)
        except InputError as error:
            upload.problem = str(error)
        return gone_on(request, f"/upload/{id}")


class _Acts:
    """What the buttons of an upload's page do. InputError for what cannot be done."""

    def __init__(self, frame: Frame, uploads: Uploads, health: Callable[[], Mapping[str, Any]]) -> None:
        self._frame, self._uploads, self._health = frame, uploads, health

    def act(self, upload: Upload, seen: Seen, form: Mapping[str, str]) -> None:
        """Does what a form asks for."""
        do = form.get("do", "")
        if do in ("preview", "use", "look"):
            self._choose(upload, seen, form)
        if do == "look":
            self._uploads.look(upload, seen.reader, _behind(self._health))
        elif do == "send":
            self._uploads.send(upload, form.get("force") == "yes")
            self._frame.guard.record.note("uploaded", seen.caller, "/upload/{id}", "sent")
        elif do == "again":
            self._uploads.choose(upload, upload.keys or {}, upload.as_of)

    def _choose(self, upload: Upload, seen: Seen, form: Mapping[str, str]) -> None:
        given = upload.given
        keys = keys_of(form, KINDS[given.kind]) if given.is_table else {}
        if (named := form.get("saved", "")) and form.get("do") == "use":
            keys = seen.reader.mappings(given.agency, given.kind).get(named, keys)
        self._uploads.choose(upload, keys, moment_of(form.get("as_of", "")))
        if given.is_table and (name := form.get("name", "").strip()):
            seen.reader.keep_mapping(given.agency, given.kind, name, upload.keys or keys)


def _behind(health: Callable[[], Mapping[str, Any]]) -> list[str]:
    """What to say of a comparison while the monitor has not read everything yet."""
    lag = health().get("lag")
    return [f"the monitor has still to read {lag} messages: it was compared with what it knew"] if lag else []


def _reports(routes: APIRouter, frame: Frame, uploads: Uploads) -> None:
    @routes.get("/upload/{id}/{name}.csv")
    def report(
        request: Request,
        id: str,  # noqa: A002 - the name that the address shows
        name: str,
        seen: Annotated[Seen, Depends(frame.guard.uploader)],
    ) -> Response:
        folder = uploads.folder(id, seen.caller.agency)
        path = {"report": folder.refusals, "mend": folder.mend}.get(name)
        if path is None or not path.exists():
            raise NotFound("there is no such report")
        headers = {"Content-Disposition": f'attachment; filename="{name}-{folder.id}.csv"'}
        frame.guard.record.note("exported", seen.caller, "/upload/{id}/{name}.csv")
        if name == "mend":
            return FileResponse(path, media_type="text/csv; charset=utf-8", headers=headers)
        writing = Writing(language_of(request))
        heads = [writing.text(head) for head in ("Line", "Record", "Column", "What is wrong")]
        lines = report_lines(path, heads, writing.sentence)
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)
