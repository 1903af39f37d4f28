"""Signing in by a link that works once: `/sign-in/once/CODE`, on this machine only."""

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse

from portal.access.invitations import Invitations
from portal.access.keeper import Keeper, is_from_here
from portal.access.record import Record
from portal.access.sign_in import PAGE_POLICY, TEMPLATES, signed_in
from portal.bodies import read_form
from portal.errors import Forbidden

_ADDRESS = "/sign-in/once"


def link_of(base: str, code: str) -> str:
    """The link with a code, at a service."""
    return f"{base}{_ADDRESS}/{code}"


def once_routes(keeper: Keeper, record: Record, invitations: Invitations) -> APIRouter:
    """The page of a link, and its button: opening alone uses nothing up, as browsers open ahead of people."""
    routes = APIRouter(include_in_schema=False)
    pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    page = pages.get_template("once.html")

    def shown(code: str, is_wrong: bool = False) -> Response:
        text = page.render(code=code, is_wrong=is_wrong)
        headers = {"Content-Security-Policy": PAGE_POLICY, "Referrer-Policy": "no-referrer"}
        return HTMLResponse(text, 401 if is_wrong else 200, headers=headers)

    @routes.get(_ADDRESS + "/{code}")
    def show(request: Request, code: str) -> Response:
        _check_is_here(request)
        return shown(code)

    @routes.post(_ADDRESS)
    async def enter(request: Request) -> Response:
        _check_is_here(request)
        caller = invitations.take((await read_form(request)).get("code", ""))
        if caller is None:
            request.state.reason = "unauthenticated"
            return shown("", is_wrong=True)
        following = f"/agencies/{caller.agency}"
        return await run_in_threadpool(signed_in, request, keeper, record, caller, following)

    return routes


def _check_is_here(request: Request) -> None:
    if not is_from_here(request):
        raise Forbidden("such a link works on the machine of the service only")
