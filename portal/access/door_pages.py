"""The pages before anybody is known: signing in, in both languages."""

from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from emc.translation import Language, translator

PAGE_POLICY = (
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
)
"""The content security policy of pages: nothing inline, nothing from elsewhere."""
_TEMPLATES = Path(__file__).parent / "templates"


def environment(*folders: Path) -> Environment:
    """The templates of these folders, and behind them those of the door: the first of a name is taken."""
    return Environment(
        loader=FileSystemLoader((*folders, _TEMPLATES)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class DoorPages:
    """Renders them. What they link to stays in the language that they are in."""

    def __init__(self) -> None:
        self._templates = environment()

    def page(
        self, request: Request, template: str, following: str, status: int = 200, **model: object
    ) -> HTMLResponse:
        """A page. `following`: the path to go on to, which tells the language when the address does not."""
        language = language_of(request, following)
        other = Language.EN if language is Language.VI else Language.VI
        text = self._templates.get_template(template).render(
            _=translator(language),
            language=language,
            next=following if language is Language.VI else in_language(following, language),
            elsewhere_language=_address(request, other, following),
            **model,
        )
        return HTMLResponse(text, status, headers={"Content-Security-Policy": PAGE_POLICY})


def in_language(path: str, language: Language) -> str:
    """A path of this site as it is asked for in a language."""
    parts = urlsplit(path)
    given = {name: values[-1] for name, values in parse_qs(parts.query).items() if name != "lang"}
    given |= {} if language is Language.VI else {"lang": language.value}
    return urlunsplit(parts._replace(query=urlencode(given)))


def language_of(request: Request, following: str = "") -> Language:
    """The language that an address asks for, or the path to go on to; Vietnamese else."""
    given = request.query_params.get("lang") or parse_qs(urlsplit(following).query).get("lang", ["vi"])[-1]
    return Language.EN if given == Language.EN else Language.VI


def _address(request: Request, language: Language, following: str) -> str:
    """The page at hand in a language; a form that was sent leads back to the empty one."""
    path = request.url.path if request.method == "GET" else "/sign-in"
    return f"{path}?{urlencode({'lang': language.value, 'next': in_language(following, language)})}"
