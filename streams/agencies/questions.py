"""What an owner asks of ClickHouse, again and again until it answers."""

from collections.abc import Mapping

from sinks.clickhouse.database import Database
from streams.agencies import takeover
from streams.agencies.ledger import Ledger
from streams.agencies.mending import rows_to_mend
from streams.agencies.store import Store
from streams.agencies.tables import last_versions
from streams.batch.commits import Committed
from streams.batch.erased import Erased
from streams.batch.retrying import RetryUntilStopped
from streams.batch.rollback_detector import RollbackDetector
from streams.batch.rows import Rows


class Questions:
    """For the stream thread. Stopped when the worker is to end before an answer came."""

    def __init__(
        self, db: Database, detector: RollbackDetector, retry: RetryUntilStopped, erased: Erased
    ) -> None:
        self._db, self._detector, self._retry, self._erased = db, detector, retry, erased

    def committed(self) -> dict[str, Committed]:
        """What `commits` holds; RestoredBehindUs when it is less than before."""
        return self._retry.until_done(self._detector.committed)

    def learn_erased(self) -> None:
        """Which dossiers were erased by now; who judges knows them from then on."""
        self._retry.until_done(lambda: self._erased.read(self._db))

    def last_versions(self, agencies: list[str], *, events: bool = False) -> dict[str, int]:
        """The greatest version of any row of each, as `tables.last_versions`."""
        return self._retry.until_done(lambda: last_versions(self._db, agencies, events=events))

    def together(self, agencies: list[str]) -> list[list[str]]:
        """Groups to be rebuilt at once."""
        return self._retry.until_done(lambda: takeover.together(self._db, agencies))

    def rebuilt(
        self, last: Mapping[str, int], local: Store, today: int, now: int
    ) -> list[tuple[Ledger, Rows]]:
        """Ledgers with the greatest version of each, and the rows to write back.

        Where a dossier was erased, no file of the local store has it any more.
        """
        found = self._retry.until_done(lambda: takeover.rebuild_ledgers(last, local, self._db, today, now))
        for agency in filter(self._erased.concerns, last):
            local.compact(agency)
        return found

    def to_mend(self, ledgers: list[Ledger], today: int, now: int) -> list[Rows]:
        """What they hold otherwise than each ledger."""
        if not ledgers:
            return []
        return self._retry.until_done(lambda: rows_to_mend(ledgers, self._db, today, now))

    def expect(self, topic_id: str, offsets: Mapping[int, int]) -> None:
        """RestoredBehindUs when a position of the topic is less than these, by partition."""
        self._detector.expect(topic_id, offsets)

    def forget(self) -> None:
        """From now on what ClickHouse holds is taken as it is."""
        self._detector.forget()
