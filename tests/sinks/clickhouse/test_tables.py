"""The page about the tables says what the tables say."""

from sinks.clickhouse.database import Database
from sinks.clickhouse.tables import PAGE, describe


def test_the_page_is_up_to_date(database: Database) -> None:
    assert PAGE.read_text(encoding="utf-8") == describe(database), "run: python -m sinks.clickhouse.tables"
