"""Databases with all tables: embedded, and behind ClickHouse's HTTP interface."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sinks.clickhouse.database import Database
from tests.engine import Front, embedded_database, served_database


@pytest.fixture(scope="session")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The engine in a process of its own."""
    directory: Path = tmp_path_factory.mktemp("front")
    with Front(directory) as started:
        yield started


@pytest.fixture(params=["embedded", "http"])
def either(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A fresh database with all tables, once embedded and once over HTTP."""
    if request.param == "embedded":
        with embedded_database() as fresh:
            yield fresh
    else:
        with served_database(request.getfixturevalue("front")) as fresh:
            yield fresh
