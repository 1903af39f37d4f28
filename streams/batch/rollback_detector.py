"""Whether ClickHouse still holds what was written: it may be put back to an earlier state under a worker.

Versions in `commits` and offsets in `positions` only grow. When one is smaller than it was seen or written
before, what lies between must be read again, from where the older `positions` say. So this is looked at
before a batch is folded, and before each attempt to write its commits and positions, which would hide it.
"""

from collections.abc import Mapping

from sinks.clickhouse.database import Database
from streams.batch.commits import Committed, Positions, ReadUntil, durable
from streams.batch.failures import RestoredBehindUs
from streams.batch.rows import Rows

_BEHIND = "ClickHouse holds less than was written: it was put back to an earlier state"
_NOTHING: Mapping[str, int] = {}
_NOWHERE = Committed(0, ReadUntil())


class RollbackDetector:
    """Remembers the commits and positions that ClickHouse held last, and those that were written since."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._commits: dict[str, int] = {}
        self._positions = Positions()

    def committed(self, written: Mapping[str, int] = _NOTHING) -> dict[str, Committed]:
        """What `commits` holds of every agency; RestoredBehindUs when anything is less than before.

        `written`: versions by agency that were written just now.
        """
        commits, positions = durable(self._db)
        known = self._commits | dict(written)
        is_less = any(commits.get(agency, _NOWHERE).version < version for agency, version in known.items())
        if is_less or any(positions.get(key, 0) < offset for key, offset in self._positions.items()):
            raise RestoredBehindUs(_BEHIND)
        self._commits = {agency: row.version for agency, row in commits.items()}
        self._positions = positions
        return commits

    def expect(self, topic_id: str, offsets: Mapping[int, int]) -> None:
        """RestoredBehindUs when a position of the topic is less than reading began with, by partition."""
        if any(self._positions.get((topic_id, n), 0) < offset for n, offset in offsets.items()):
            raise RestoredBehindUs(_BEHIND)

    def wrote(self, rows: Rows) -> None:
        """Remembers the commits and positions among rows that ClickHouse has taken."""
        self._commits |= versions_of(rows)
        for topic_id, number, offset, _ in rows["positions"]:
            partition = (topic_id, number)
            self._positions[partition] = max(offset, self._positions.get(partition, 0))

    def forget(self) -> None:
        """From now on what ClickHouse holds is taken as it is."""
        self._commits, self._positions = {}, Positions()


def versions_of(rows: Rows) -> dict[str, int]:
    """The version of each agency's commit among the rows."""
    return {agency: version for agency, version, *_ in rows["commits"]}
