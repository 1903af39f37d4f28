"""What is asked about disputes, and kept of them."""

from typing import Any

from sinks.disputes.freezing import freeze
from sinks.disputes.frozen import read_frozen, read_snapshot, read_snapshots
from sinks.disputes.snapshot import Wanted
from sinks.imports.reader import ImportReader
from sinks.queries.rate_query import registered
from sinks.queries.visible import EVERYTHING, NotVisible, guarded, require


class DisputeReader(ImportReader):
    """The part of `sinks.queries.reader.Reader` that is about disputes."""

    def freeze(self, wanted: Wanted, by: str) -> dict[str, Any]:
        """Keeps rates as they are now, as a snapshot; for operators."""
        if self.visible != EVERYTHING:
            raise NotVisible("a snapshot is frozen by operators")
        return freeze(self.database, self.registry, wanted, by).whole()

    def snapshots(self) -> list[dict[str, Any]]:
        """All snapshots, the newest first."""
        return [each.told() for each in read_snapshots(self.database)]

    def snapshot(self, id_: str) -> dict[str, Any]:
        """One snapshot, with the definitions and positions of then."""
        return read_snapshot(self.database, id_).whole()

    def frozen(self, id_: str, agency: str | None = None, metric: str | None = None) -> list[dict[str, Any]]:
        """The rates of a snapshot: of one agency, or all that may be seen, groups too."""
        if agency is not None:
            require(self.visible.rates, registered(agency, self.registry))
        snapshot = read_snapshot(self.database, id_)
        return read_frozen(guarded(self.database, self.visible.rates), snapshot, agency, metric)
