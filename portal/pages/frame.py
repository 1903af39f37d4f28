"""The frame around every page: language, navigation, who is signed in, and the security headers of pages."""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse

from emc.access import Caller, Scope
from emc.errors import InputError
from emc.statuses import STATUSES
from emc.translation import Language
from portal.access.door_pages import PAGE_POLICY, environment
from portal.access.guard import Guard, Seen
from portal.pages import drawing
from portal.pages.kept import KeptPages
from portal.pages.mapping_form import WORDS
from portal.pages.measures import SHORT
from portal.pages.typed import PATTERN
from portal.pages.writing import Writing
from portal.reading.memory import Memory
from portal.reading.remembered import Remembered

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
_UPLOADING = {Scope.EVENTS_WRITE, Scope.DOSSIERS_READ}
_ALWAYS = {"Content-Security-Policy": PAGE_POLICY, "Vary": "Cookie"}


class Frame:
    """Renders templates. One for an application; `has_uploads`: whether it takes files."""

    def __init__(self, guard: Guard, has_uploads: bool = False) -> None:
        self.guard, self._has_uploads = guard, has_uploads
        self._memory, self.kept = Memory(), KeptPages(guard.mark)
        self._templates = environment(_HERE / "templates")
        self._templates.globals |= {
            "bar": drawing.bar,
            "trend": drawing.trend,
            "range_of": drawing.lowest_and_highest,
        }
        self._templates.globals |= {
            "short": SHORT,
            "statuses": STATUSES,
            "words": WORDS,
            "day_pattern": PATTERN,
        }
        self._names = {file.name: _named(file) for file in STATIC.iterdir()}

    def page(
        self,
        request: Request,
        template: str,
        caller: Caller | None,
        model: Mapping[str, Any],
        status: int = 200,
    ) -> HTMLResponse:
        """A page. `model`: what the template shows, beside what the frame gives to all."""
        session = None if caller is None else self.guard.keeper.session_of(request)
        csrf = None if session is None else session.csrf
        return HTMLResponse(self._drawn(request, template, caller, model, csrf), status, headers=_ALWAYS)

    def kept_page(
        self, request: Request, template: str, seen: Seen, model: Callable[[Remembered], Mapping[str, Any]]
    ) -> HTMLResponse:
        """A page that is the same for all who may see the same: drawn for the first of them.

        `model`: what the template shows, by what it reads. Up to two seconds old; who reloads a page gets
        all that is counted now.
        """
        session, scopes = self.guard.keeper.session_of(request), seen.caller.scopes
        whose = (seen.caller.agency, scopes, seen.reader.visible, session is None)
        asked = (request.url.path, request.url.query)
        csrf = None if session is None else self.kept.session

        def draw(is_new_wanted: bool) -> bytes:
            read = Remembered(self._memory, seen, is_new_wanted)
            return self._drawn(request, template, seen.caller, model(read), csrf).encode()

        body = self.kept.page((template, whose, asked), draw, _is_new_wanted(request))
        if session is not None:
            body = body.replace(self.kept.session.encode(), session.csrf.encode())
        return HTMLResponse(body, headers=_ALWAYS)

    def _drawn(
        self,
        request: Request,
        template: str,
        caller: Caller | None,
        model: Mapping[str, Any],
        csrf: str | None,
    ) -> str:
        writing = Writing(language_of(request))
        return self._templates.get_template(template).render(
            **model,
            w=writing,
            _=writing.text,
            counted=writing.counted,
            language=writing.language,
            caller=caller,
            is_operator=caller is not None and Scope.ADMIN in caller.scopes,
            may_upload=self._has_uploads and caller is not None and caller.scopes >= _UPLOADING,
            csrf=csrf,
            agency_name=self.agency_name,
            because=writing.because,
            given=request.query_params,
            link=partial(_link, writing.language),
            here=_here(request),
            static=self._static,
        )

    def reading(self, seen: Seen) -> Remembered:
        """What a page of this caller reads, from memory where nothing was written since."""
        return Remembered(self._memory, seen)

    def agency_name(self, code: str) -> str:
        """An agency's name in the registry; its code when it has none there."""
        agency = self.guard.registry.agencies.get(code)
        return code if agency is None else agency.name

    def digest(self, name: str) -> str:
        """What a file of `static` is called by: it changes with the content."""
        return self._names[name]

    def _static(self, name: str) -> str:
        return f"/static/{self.digest(name)}/{name}"


def language_of(request: Request) -> Language:
    """The language that an address asks for, Vietnamese when it asks for none."""
    try:
        return Language(request.query_params.get("lang", "vi"))
    except ValueError:
        raise InputError("lang is no language of these pages, expected vi or en") from None


def _is_new_wanted(request: Request) -> bool:
    """Whether a page is reloaded, by a person or by its own script."""
    asked = request.headers.get("cache-control", "")
    return "no-cache" in asked or "max-age=0" in asked


def _named(file: Path) -> str:
    """A name that changes with the content, so that a browser may keep a file for ever."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


def _link(language: Language, path: str, **parameters: object) -> str:
    """An address of this site in the language at hand; parameters that are None are left out."""
    given = {name: value for name, value in parameters.items() if value is not None}
    if language is not Language.VI:
        given["lang"] = language.value
    return f"{path}?{urlencode(given)}" if given else path


def _here(request: Request) -> Callable[..., str]:
    """The address at hand with some parameters changed."""

    def here(**changes: object) -> str:
        given: dict[str, object] = {**request.query_params, **changes}
        kept = {name: value for name, value in given.items() if value is not None and value != ""}
        return f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path

    return here
