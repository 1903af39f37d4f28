"""Dossiers that were erased: what still arrives of one is passed over, so that nothing brings it back."""

from sinks.clickhouse.database import Database
from sinks.maintenance.erasure import digest_of


class Erased:
    """Those known since they were last read: on the stream thread, while others judge."""

    def __init__(self) -> None:
        self._agencies: frozenset[str] = frozenset()
        self._digests: frozenset[str] = frozenset()

    def read(self, db: Database) -> None:
        """Knows from now on what the table says."""
        rows = db.query("SELECT agency, digest FROM erased")
        self._agencies = frozenset(agency for agency, _ in rows)
        self._digests = frozenset(digest for _, digest in rows)

    def holds(self, dossier: str) -> bool:
        """Whether this dossier was erased."""
        return bool(self._digests) and digest_of(dossier) in self._digests

    def concerns(self, agency: str) -> bool:
        """Whether any dossier of the agency was."""
        return agency in self._agencies
