"""The dashboards, and the simulated month that their queries are run on."""

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from dashboards.catalogue import Published, all_dashboards
from emc.instants import HOUR, now_us
from emc.registry import load_registry
from sinks.clickhouse.database import Database
from sinks.incidents.incident import moment_of
from sinks.incidents.store import IncidentStore
from sinks.readonly.engine import LockedEngine
from tests.dashboards.expanding import Range, expanded
from tests.dashboards.month import simulated_month
from tests.engine import engine_directory

SCALE = 0.1
SETTLED = 40


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database that holds the simulated month; two agencies settle for each other, and had an incident."""
    with simulated_month(tmp_path_factory.mktemp("month") / "store", SCALE, SETTLED) as database:
        store = IncidentStore(database, load_registry())
        for agency, first, last in (("H25", "2024-03-05", "2024-03-06"), (None, "2024-03-20", "2024-03-20")):
            begin, end = moment_of("from", first), moment_of("to", last, is_end=True)
            store.add(agency, begin, end, f"outage of {agency or 'all'}")
        for agency in ("H25", "G06"):
            store.add(agency, now_us() - HOUR, None, f"goes on at {agency}")
        yield database


class Asking:
    """Runs queries of dashboards as Grafana does, over the locked interface that Grafana reads."""

    def __init__(self, engine: LockedEngine) -> None:
        self._engine = engine
        now = int(time.time())
        self._range = Range(now - 6 * 3600, now + 60)

    def rows(self, sql: str, variables: Mapping[str, str]) -> list[dict[str, Any]]:
        """The rows of a query, with the dashboard's variables set."""
        text = expanded(sql, {"counted_for": "code", **variables}, self._range)
        answer = self._engine.query(text, "JSONEachRow", {})
        return [json.loads(line) for line in answer.splitlines()]

    def options(self, dashboard: Mapping[str, Any], chosen: Mapping[str, str]) -> dict[str, str]:
        """The values that its variables open on, those chosen aside."""
        values: dict[str, str] = {}
        for variable in dashboard["templating"].get("list", []):
            name = variable["name"]
            if name in chosen:
                values[name] = chosen[name]
            elif variable["type"] == "custom":
                values[name] = variable["current"]["value"]
            else:
                first = self.rows(variable["query"]["rawSql"], {**CHOICES, **values, **chosen})[0]
                values[name] = first["value"]
        return values


CHOICES = {"structure": "reported", "month": "2024-03-01", "agency": "G06", "counted_for": "code"}
"""Variables that others may refer to before they are set."""


@pytest.fixture(scope="session")
def asking(month: Database) -> Iterator[Asking]:
    """Queries over the month."""
    engine = LockedEngine(engine_directory(), month.name)
    yield Asking(engine)
    engine.close()


@pytest.fixture(scope="session")
def published() -> list[Published]:
    """All dashboards, with the panels that need Prometheus."""
    return list(all_dashboards(prometheus=True))
