"""Forms of pages: read once, and only from the session whose page they stood on."""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse

from emc.errors import InputError
from portal.access.guard import Guard
from portal.bodies import read_form
from portal.pages.frame import language_of

PROBLEMS = (
    "{name} is not usable, expected 1 to {longest} characters without control characters",
    "{name} has a number of 9 or 12 digits, expected no number that may be a person's",
    "there is no rate of the {period} of {start}, expected one that has",
    "start is '{start}', expected the first day of a {period}",
    "numerator and denominator are not usable, expected 0 ≤ numerator ≤ denominator",
    "line {line}: expected a column {column}; rename the one that holds it",
    "line {line}: column {number} is not known, expected of {columns}",
    "line {line}: expected each column once",
    "line {line}: expected {number} fields",
    "line {line}: {column} is not usable, expected {wanted}",
    "line {line}: dossier is no code, expected one such as H25.16-240305-0007",
    "line {line} is no CSV",
    "the file is not in UTF-8, expected a CSV in UTF-8",
    "events is not usable, expected at most {most} identifiers of events",
    "dossier is '{dossier}', expected a code of the agency {agency}",
    "the snapshot has no such rate of the agency, expected one that it has",
    "{name} is '{value}', expected a whole number",
    "start is '{start}', expected a date YYYY-MM-DD",
)
"""What can be wrong with what is typed in, as it is told."""


async def form_of(request: Request, guard: Guard) -> dict[str, str]:
    """The fields of a form, trimmed, those left empty left out; Forbidden when a session's form lacks what
    its page was given.
    """
    fields = await read_form(request)
    session = await run_in_threadpool(guard.keeper.session_of, request)
    if session is not None:
        guard.keeper.check_form(session, fields.get("csrf", ""))
    return {name: value.strip() for name, value in fields.items() if value.strip() and name != "csrf"}


def gone_on(request: Request, path: str) -> RedirectResponse:
    """The answer to a form that was carried out: the page that shows what came of it."""
    language = language_of(request)
    return RedirectResponse(path if language == "vi" else f"{path}?{urlencode({'lang': language})}", 303)


def number_of(given: Mapping[str, str], name: str) -> int | None:
    """A whole number as it was typed in, its thousands apart or not; InputError for another text."""
    text = given.get(name)
    if text is None:
        return None
    digits = text.replace(".", "").replace(",", "").replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 12:
        raise InputError(f"{name} is {text!r}, expected a whole number")
    return int(digits)
