"""Which ways a source's reports come: push, sync, file, events."""

from collections.abc import Mapping
from enum import StrEnum

from emc.identifiers import source_agency
from emc.instants import now_us
from sinks.clickhouse.database import Database


class Feed(StrEnum):
    """A way in which a source reports, other than by events of its own making."""

    PUSH = "push"
    SYNC = "sync"
    FILE = "file"


EVENTS = "events"
"""What a source sends of which no other way is known."""


def note_feed(database: Database, source: str, feed: Feed) -> None:
    """Keeps that a source reports in this way."""
    row = {"agency": source_agency(source) or "", "source": source, "feed": feed, "seen_at": now_us() // 1000}
    database.insert("feeds", {name: [value] for name, value in row.items()})


def read_feeds(database: Database) -> Mapping[str, list[str]]:
    """The ways of each source that has others than events."""
    rows = database.query("SELECT source, groupUniqArray(feed) FROM feeds FINAL GROUP BY source")
    return {str(source): sorted(feeds) for source, feeds in rows}
