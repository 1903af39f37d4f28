"""The pages over a small simulated month, behind tokens, and a browser to read them with."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from emc.access import EVERY_SCOPE, Scope
from emc.instants import parse_instant
from emc.registry import load_registry
from portal.access.entrance import Entrance
from portal.api import create_app
from portal.pages.routes import add_pages
from portal.uploads.room import Uploads
from portal.uploads.spool import Spool
from producers.source_words import SourceTable
from sinks.clickhouse.database import Database
from sinks.disputes.snapshot import Wanted
from sinks.incidents.store import IncidentStore
from sinks.queries.reader import Reader
from tests.dashboards.month import simulated_month
from tests.portal.serving import TOKENS, served, token_of

START = "2024-03-01"
FROZEN_BY = "the desk"
REFUSED = "000.00.16.H26-240425-0001"
RELOADED = {"cache-control": "no-cache"}
"""As a browser asks for a page that is reloaded: with all that is counted by now."""
HEALTH: dict[str, Any] = {
    "status": "ok", "lag": 0, "waiting_for": None, "audit": None, "broken_sources": [], "warnings": [],
}  # fmt: skip
As = Callable[[str | None], dict[str, str]]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Holds the month, and one refused event of H26 that nobody else may see."""
    with simulated_month(tmp_path_factory.mktemp("pages") / "store", 0.02) as made:
        made.insert("rejections", {
            "agency": ["H26"], "reason": ["invalid"], "path": ["$.time"], "detail": ["MARKER-OF-H26"],
            "id": ["1"], "subject": [REFUSED], "source": ["/agencies/H26/onestop"],
            "topic": ["emc.events"], "partition": [3], "offset": [7], "index": [0],
            "rejected_at": [1_714_000_000_000], "version": [1],
        })  # fmt: skip
        begin, end = (parse_instant(f"2024-03-{day}T08:00:00+07:00") for day in ("05", "06"))
        for agency in ("H26", "H25", None):
            IncidentStore(made, load_registry()).add(agency, begin, end, f"MARK-OF-{agency or 'ALL'}")
        Reader(made, load_registry()).freeze(Wanted("March", START), FROZEN_BY)
        yield made


@pytest.fixture(scope="module")
def tokens(database: Database) -> dict[str | None, str]:
    """A token of an operator (None) and of H25."""
    reading = (Scope.EVENTS_WRITE, Scope.RATES_READ, Scope.DOSSIERS_READ)
    return {None: token_of(database, None, *EVERY_SCOPE), "H25": token_of(database, "H25", *reading)}


@pytest.fixture(scope="module")
def client(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Asks for pages, as a browser does."""
    connect: Any = None
    spool = Spool(tmp_path_factory.mktemp("uploads"), 1000)
    uploads = Uploads(spool, load_registry(), SourceTable(), connect)
    entrance = Entrance(Reader(database, load_registry()), TOKENS)
    app = create_app(entrance, lambda: HEALTH)
    pages = add_pages(app, entrance.guard, lambda: HEALTH, None, uploads)
    with served(app) as asking:
        asking.headers["accept"] = "text/html"
        yield asking
    pages.close()
    uploads.close()


@pytest.fixture(scope="module")
def as_(tokens: dict[str | None, str]) -> As:
    """Headers of a caller: an agency, or (None) an operator."""
    return lambda whose: {"Authorization": f"Bearer {tokens[whose]}"}
