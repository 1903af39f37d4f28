"""Numbers like a person's in names that senders choose: the agency sees its own, no operator's list does."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from emc.access import Scope
from emc.registry import load_registry
from portal.access.entrance import Entrance
from portal.api import create_app
from portal.pages.routes import add_pages
from sinks.clickhouse.database import Database
from sinks.queries.reader import Reader
from tests.engine import embedded_database
from tests.portal.serving import TOKENS, served, token_of

AGENCY, DOSSIER = "H25", "H25.16-240305-0001"
SYSTEM = "of-012345678901"
SOURCE, FILE = f"/agencies/{AGENCY}/{SYSTEM}", "CCCD 123456789.csv"
US = 1_709_600_000_000_000
NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:012345678901|123456789)(?![0-9A-Za-z])").search
LISTS = ["/v1/sources", f"/v1/metric-times?agency={AGENCY}", "/v1/imports", "/v1/imports/1",
         f"/v1/source-warnings?agency={AGENCY}"]  # fmt: skip
PAGES = ["/operate", "/connect", f"/agencies/{AGENCY}"]


def plant(database: Database) -> None:
    """Everything of one source and one file."""
    one: dict[str, dict[str, list[Any]]] = {
        "sources": {"source": [SOURCE], "last_time": [US], "last_arrival": [US // 1000]},
        "events": {
            "type": ["dossier"], "subject": [DOSSIER], "time": [US], "id": ["1"], "source": [SOURCE],
            "data": ['{"channel":"online"}'], "arrived_at": [US // 1000], "topic_id": ["t"],
            "partition": [0], "offset": [0], "index": [0],
        },
        "dossiers": {
            "dossier": [DOSSIER], "month": [202403], "procedure": [""], "unit": [""], "received_at": [US],
            "resolved_at": [None], "status": [9], "registers": [f'[[{US},"{SOURCE}",{{"status":9}}]]'],
        },
        "imports": {
            "id": ["1"], "source": [SOURCE], "format": ["csv"], "kind": ["dossiers"], "files": [[FILE]],
            "digests": [["0"]], "as_of": [US], "imported_at": [US // 1000], "newest": [None], "rows": [1],
            "sent": [1], "refused": [0], "new": [None], "changed": [None], "unchanged": [None],
        },
    }  # fmt: skip
    for table, columns in one.items():
        database.insert(table, {"agency": [AGENCY], "version": [1], **columns})
    notice: dict[str, list[Any]] = {
        "dossier": [DOSSIER],
        "source": [SOURCE],
        "notice": ["result_is_input"],
        "seen_at": [1],
    }
    database.insert("notices", {"agency": [AGENCY], **notice})


@pytest.fixture(scope="module")
def asking() -> Iterator[tuple[httpx.Client, Database]]:
    """The whole application over these tables."""
    with embedded_database() as database:
        plant(database)
        entrance = Entrance(Reader(database, load_registry()), TOKENS)
        health = {"status": "ok", "lag": 0, "agencies": {AGENCY: {}}, "broken_sources": []}
        health |= {
            "waiting_for": None,
            "component": None,
            "open_transactions": [],
            "audit": None,
            "warnings": [],
        }
        app = create_app(entrance, lambda: health)
        add_pages(app, entrance.guard, lambda: health, None)
        with served(app) as client:
            yield client, database


def answered(asking: tuple[httpx.Client, Database], path: str, agency: str | None) -> str:
    """The text of an answer to an operator (None) or an agency."""
    client, database = asking
    scopes = (Scope.RATES_READ, Scope.DOSSIERS_READ, *([] if agency else [Scope.ADMIN]))
    bearer = {"Authorization": f"Bearer {token_of(database, agency, *scopes)}"}
    answer = client.get(path, headers=bearer)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("path", LISTS + PAGES)
def test_an_operator_sees_none_of_them(asking: tuple[httpx.Client, Database], path: str) -> None:
    text = answered(asking, path, None)
    assert NUMBER(text) is None
    assert path in PAGES or "sha256:" in text, "the row itself is there"


@pytest.mark.parametrize("path", LISTS)
def test_the_agency_sees_what_it_sent(asking: tuple[httpx.Client, Database], path: str) -> None:
    assert NUMBER(answered(asking, path, AGENCY)) is not None
