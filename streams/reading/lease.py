"""What the group gave this worker, for as long as it has it.

Everything that is read bears its lease on the way through the stream. Nothing of a revoked lease is folded,
taken over or acknowledged: somebody else may be reading it already, or it will be read again here. A write
that is under way may end, for rows are absolute and lose against newer ones.
"""

from collections.abc import Mapping

from streams.reading.topic import TopicFacts


class Lease:
    """Partitions of the topic, and where reading them began. Immutable but for `revoke`, which is for ever.

    `starts`: the first offset read, by partition; `positions`: up to where ClickHouse said, when reading
    began, that the partition is in the tables.
    """

    def __init__(self, facts: TopicFacts, starts: Mapping[int, int], positions: Mapping[int, int]) -> None:
        self.facts, self.starts, self.positions = facts, dict(starts), dict(positions)
        self._is_revoked = False

    @property
    def partitions(self) -> frozenset[int]:
        """What was given."""
        return frozenset(self.starts)

    @property
    def is_revoked(self) -> bool:
        """Whether it has ended. For any thread."""
        return self._is_revoked

    def revoke(self) -> None:
        """It has ended: the partitions are another's, or are read anew under another lease."""
        self._is_revoked = True
