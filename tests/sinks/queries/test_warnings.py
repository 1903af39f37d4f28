"""Warnings page by page, over any number of windows: each once, in their order, none left out."""

from collections.abc import Iterator
from typing import Any

import pytest

from emc.identifiers import dossier_month
from emc.registry import load_registry
from sinks.clickhouse.database import Database
from sinks.queries import warnings
from sinks.queries.visible import guarded
from sinks.queries.warnings import read_warnings
from tests.engine import embedded_database
from tests.sinks.history import Said, insert_rows, write_history

REGISTRY = load_registry()
TIME = 1_710_000_000_000_000


def conflict(agency: str, dossier: str) -> dict[str, Any]:
    what = {"agency": agency, "type": "dossier", "subject": dossier, "field": "unit"}
    return {**what, "time": TIME, "id": "e", "seen_at": 0, "version": 1}


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """Two agencies: of each hundred dossiers the last 30 bear a warning, some of these two or a conflict."""
    with embedded_database() as opened:
        for agency in ("H25", "H26"):
            states = {n: {"status": 1 if n % 100 < 70 else 4} for n in range(200)}
            events = [
                Said("dossier", f"{agency}-240305-{n:04}", TIME, f"e{n}", state)
                for n, state in states.items()
            ]
            events += [
                Said("dossier", f"{agency}-240305-{n:09}", TIME, f"f{n}", {"status": 4}) for n in range(3)
            ]
            write_history(opened, agency, events)
            insert_rows(opened, "conflicts", [conflict(agency, f"{agency}-240305-0{n}90") for n in range(2)])
        yield opened


def expected(database: Database, agency: str | None) -> list[tuple[str, str, str]]:
    rows = database.query("SELECT agency, dossier, warning FROM warnings ORDER BY ALL")
    return [(a, d, w) for a, d, w in rows if agency in (None, a)]


@pytest.mark.parametrize("agency", [None, "H25", "H26"])
@pytest.mark.parametrize(("window", "limit"), [(1, 7), (3, 1), (50, 30), (10_000, 1_000)])
def test_pages_tell_all_warnings_once(
    database: Database, monkeypatch: pytest.MonkeyPatch, agency: str | None, window: int, limit: int
) -> None:
    monkeypatch.setattr(warnings, "_WINDOW", window)
    found, after = list[tuple[str, str, str]](), None
    while page := read_warnings(database, REGISTRY, agency, limit, after):
        assert len(page) <= limit
        found += [(row["agency"], row["dossier"], row["warning"]) for row in page]
        after = found[-1]
    assert found == expected(database, agency)
    assert {"conflict", "looks_personal", "status_without_date"} == {warning for *_, warning in found}


def test_what_may_not_be_seen_is_in_no_window(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warnings, "_WINDOW", 2)
    seen = read_warnings(guarded(database, frozenset({"H26"})), REGISTRY, None, 1_000)
    assert {row["agency"] for row in seen} == {"H26"}
    assert len(seen) == len(expected(database, "H26"))


def test_a_warning_tells_the_month_of_its_dossiers_code(database: Database) -> None:
    rows = database.query("SELECT dossier, month, warning FROM warnings")
    assert {month for _, month, _ in rows} == {202403}
    assert all(month == dossier_month(dossier) for dossier, month, _ in rows)
    assert "conflict" in {warning for *_, warning in rows}
