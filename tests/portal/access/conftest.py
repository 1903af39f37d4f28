"""What the tests of the door share."""

from collections.abc import Iterator

import pytest

from sinks.clickhouse.database import Database
from tests.engine import embedded_database


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """Tables without data."""
    with embedded_database() as made:
        yield made
