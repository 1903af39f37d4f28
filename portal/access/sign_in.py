"""Signing in with a token, and out: a token becomes a session, which a browser holds as a cookie."""

from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from emc.access import Caller
from portal.access.door_pages import DoorPages
from portal.access.keeper import COOKIE, Keeper
from portal.access.record import Record
from portal.bodies import read_form
from portal.errors import Unauthenticated
from sinks.access.sessions import LONGEST, Session


def sign_in_routes(keeper: Keeper, record: Record, elsewhere: str | None = None) -> APIRouter:
    """/sign-in and /sign-out. `elsewhere`: the name of an OpenID provider to sign in with instead."""
    routes = APIRouter(include_in_schema=False)
    pages = DoorPages()

    def shown(request: Request, following: str, is_wrong: bool = False) -> Response:
        status, model = (401 if is_wrong else 200), {"is_wrong": is_wrong, "elsewhere": elsewhere}
        return pages.page(request, "sign_in.html", following, status, **model)

    @routes.get("/sign-in")
    def show(request: Request, next: str = "/") -> Response:  # noqa: A002  # the parameter's own name
        return shown(request, local_path(next))

    @routes.post("/sign-in")
    async def sign_in(request: Request) -> Response:
        form = await read_form(request)
        following = local_path(form.get("next", "/"))
        caller = await run_in_threadpool(keeper.caller_of_token, form.get("token", "").strip())
        if caller is None:
            request.state.reason = "unauthenticated"
            return shown(request, following, is_wrong=True)
        return await run_in_threadpool(signed_in, request, keeper, record, caller, following)

    @routes.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        form = await read_form(request)
        session = await run_in_threadpool(keeper.session_of, request)
        if session is None:
            raise Unauthenticated("nobody is signed in")
        keeper.check_form(session, form.get("csrf", ""))
        await run_in_threadpool(_end, keeper, session)
        record.note("sign_out", session.caller, "/sign-out")
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE)
        return answer

    return routes


def signed_in(
    request: Request, keeper: Keeper, record: Record, caller: Caller, following: str
) -> RedirectResponse:
    """Begins a session, ends the one that the browser had, and goes on to a page."""
    before = keeper.session_of(request)
    if before is not None:
        _end(keeper, before)
    _, secret = keeper.sessions.begin(caller)
    record.note("sign_in", caller, "/sign-in")
    answer = RedirectResponse(following, 303)
    set_cookie(answer, secret, request.url.scheme == "https")
    return answer


def set_cookie(answer: Response, secret: str, secure: bool) -> None:
    """Gives the browser a session's secret, which scripts do not see and other sites do not send."""
    answer.set_cookie(
        COOKIE, secret, max_age=LONGEST // 1000, path="/", httponly=True, samesite="lax", secure=secure
    )


def local_path(text: str) -> str:
    """A path of this site to go on to; the start page instead of anything that could lead elsewhere."""
    try:
        parts = urlsplit(text)
    except ValueError:  # a bracket that is none of an address, letters that would become signs
        return "/"
    leads_out = parts.scheme or parts.netloc or not text.startswith("/") or text.startswith(("//", "/\\"))
    return "/" if leads_out or not text.isprintable() or "\\" in text else text


def _end(keeper: Keeper, session: Session) -> None:
    keeper.sessions.end(session)
    keeper.forget(session)
