"""Signing in by a link that works once: `/sign-in/once/CODE`, on this machine only."""

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from portal.access.door_pages import DoorPages, in_language, language_of
from portal.access.invitations import Invitations
from portal.access.keeper import Keeper, is_from_here
from portal.access.record import Record
from portal.access.sign_in import local_path, signed_in
from portal.bodies import read_form
from portal.errors import Forbidden

_ADDRESS = "/sign-in/once"


def link_of(base: str, code: str) -> str:
    """The link with a code, at a service."""
    return f"{base}{_ADDRESS}/{code}"


def once_routes(keeper: Keeper, record: Record, invitations: Invitations) -> APIRouter:
    """The page of a link, and its button: opening alone uses nothing up, as browsers open ahead of people."""
    routes = APIRouter(include_in_schema=False)
    pages = DoorPages()

    def shown(request: Request, code: str, is_wrong: bool = False) -> Response:
        status, following = (401 if is_wrong else 200), in_language("/", language_of(request))
        answer = pages.page(request, "once.html", following, status, code=code, is_wrong=is_wrong)
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer

    @routes.get(_ADDRESS + "/{code}")
    def show(request: Request, code: str) -> Response:
        _check_is_here(request)
        return shown(request, code)

    @routes.post(_ADDRESS)
    async def enter(request: Request) -> Response:
        _check_is_here(request)
        form = await read_form(request)
        caller = invitations.take(form.get("code", ""))
        if caller is None:
            request.state.reason = "unauthenticated"
            return shown(request, "", is_wrong=True)
        language = language_of(request, local_path(form.get("next", "/")))
        following = in_language(f"/agencies/{caller.agency}", language)
        return await run_in_threadpool(signed_in, request, keeper, record, caller, following)

    return routes


def _check_is_here(request: Request) -> None:
    if not is_from_here(request):
        raise Forbidden("such a link works on the machine of the service only")
