"""Inserts and queries on the real engine."""

from sinks.database import Database

GREATEST_VERSION = 2**128 - 1


def test_values_come_out_as_they_went_in(database: Database) -> None:
    row = {
        "agency": ["H25"],
        "version": [GREATEST_VERSION],
        "topic_id": ["t"],
        "partition": [2**32 - 1],
        "next_offset": [2**64 - 1],
        "as_of": [1_710_000_000_123_456],
        "written_at": [1_710_000_000_123],
    }
    database.insert("commits", row)
    assert database.rows("SELECT * FROM commits FINAL") == [{name: values[0] for name, values in row.items()}]
