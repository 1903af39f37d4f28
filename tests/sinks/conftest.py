"""Databases with all tables, embedded."""

from collections.abc import Iterator

import pytest

from sinks.database import Database
from tests.engine import embedded_database


@pytest.fixture
def database() -> Iterator[Database]:
    """A fresh database with all tables."""
    with embedded_database() as fresh:
        yield fresh
