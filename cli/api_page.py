"""The table of routes in docs/api.md, written from the application itself: `python -m cli.api_page`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from emc.access import Scope
from emc.registry import load_registry
from portal.access.entrance import Entrance
from portal.access.rules import Rules
from portal.api import create_app
from portal.sending.limits import SendLimits
from portal.sending.routes import Sending
from producers.courier import Courier
from sinks.clickhouse.database import Database
from sinks.queries.reader import Reader

PAGE = Path(__file__).parents[1] / "docs" / "api.md"
BEGIN, END = "<!-- routes: python -m cli.api_page -->\n", "<!-- end of routes -->\n"
_NOWHERE = "127.0.0.1:1"
_SCOPES = {
    "rates": Scope.RATES_READ,
    "dossiers": Scope.DOSSIERS_READ,
    "disputes": Scope.RATES_READ,
    "admin": Scope.ADMIN,
    "importer": Scope.EVENTS_WRITE,
    "admit": Scope.EVENTS_WRITE,
}
"""The scope that each dependency asks for; `POST /v1/events` asks inside, before it reads."""
_ASKED_INSIDE = {"/v1/events": Scope.EVENTS_WRITE, "/metrics": Scope.ADMIN}


def application() -> FastAPI:
    """The application over components that are not there: it is only described."""
    entrance = Entrance(Reader(Database(f"http://{_NOWHERE}/emc"), load_registry()), Rules("tokens"))
    sending = Sending(entrance.guard, Courier(_NOWHERE), SendLimits())
    return create_app(entrance, lambda: {"status": "down"}, None, sending)


def table(app: FastAPI) -> str:
    """Every described route, sorted: its scope, parameters (those in bold are needed), and what it does."""
    lines = ["| route | scope | parameters | |", "|---|---|---|---|"]
    described: dict[str, Any] = app.openapi()["paths"]
    scopes = {(method, route.path): _scope(route) for route in _routes(app) for method in route.methods or ()}
    for path in sorted(described):
        for method, operation in described[path].items():
            name = method.upper()
            scope = scopes[name, path]
            told = operation.get("description", "").partition("\n")[0]
            shown = "–" if scope is None else f"`{scope.value}`"
            lines.append(f"| `{name} {path}` | {shown} | {_parameters(operation)} | {told} |")
    return "\n".join(lines) + "\n"


def _routes(listed: Any) -> Iterator[APIRoute]:
    for route in listed.routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _routes(inner)
        elif isinstance(route, APIRoute):
            yield route


def _scope(route: APIRoute) -> Scope | None:
    names = [getattr(each.call, "__name__", "") for each in route.dependant.dependencies]
    found = [_SCOPES[name] for name in names if name in _SCOPES]
    return found[0] if found else _ASKED_INSIDE.get(route.path)


def _parameters(operation: dict[str, Any]) -> str:
    named = []
    for parameter in operation.get("parameters", ()):
        usual = parameter.get("schema", {}).get("default")
        name = f"**`{parameter['name']}`**" if parameter.get("required") else f"`{parameter['name']}`"
        named.append(name if usual in (None, "") else f"{name} ({usual})")
    return ", ".join(named) or "–"


def page(text: str, app: FastAPI) -> str:
    """The page's text with its table written anew."""
    before, rest = text.split(BEGIN)
    return before + BEGIN + table(app) + END + rest.split(END)[1]


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8"), application()), "utf-8")
