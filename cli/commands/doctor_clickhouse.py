"""Examines ClickHouse: version, clock, migrations, tables, permissions, parts and disks."""

import re
import time
from collections.abc import Callable, Iterator

from cli.commands.doctor_disk import disk
from cli.commands.findings import Finding, broken, by_limits, clock, doubtful, well
from emc.errors import EmcError
from emc.translation import noun
from sinks.clickhouse.database import Database, Row
from sinks.clickhouse.failures import QueryRefused
from sinks.clickhouse.migrate import files

OLDEST, TESTED = (24, 8), (26, 9)
PARTS_WARN, PARTS_FAIL = 300, 1000  # active parts of one partition; inserts are slowed down from 1000 on
_UNKNOWN_DATABASE = 81
_TABLE = re.compile(r"CREATE (?:TABLE|VIEW) IF NOT EXISTS (\w+)")


class ClickHouse:
    """One examination. `role`: the part of the monitor whose user is used.

    `is_embedded`: the disk is that of the data directory, which is looked at already.
    """

    def __init__(self, database: Database, role: str, *, is_embedded: bool = False) -> None:
        self._db, self._role, self._is_embedded = database, role, is_embedded

    def examine(self, topic_id: str | None = None) -> Iterator[Finding]:
        """Every check in turn; ComponentError when ClickHouse does not answer. `topic_id`: Kafka's."""
        try:
            yield from self._version()
        except QueryRefused as error:
            if error.code != _UNKNOWN_DATABASE:
                raise
            yield broken(
                "migrations", "there is no database", "Run `emc migrate`, or start a worker, which does."
            )
            return
        missing = list(self._migrations())
        yield from missing
        if any(finding.status == "fail" for finding in missing):
            return
        yield from self._tables()
        yield self._permissions()
        yield from self._storage()
        yield from self._positions(topic_id)

    def _version(self) -> Iterator[Finding]:
        begin = time.time()
        ((text, now),) = self._db.query("SELECT version(), toUnixTimestamp64Milli(now64(3))")
        took = time.time() - begin
        version = tuple(int(part) for part in text.split(".")[:2])
        if version < OLDEST:
            yield broken("clickhouse version", text, "Upgrade to 26.9 or newer.")
        elif version < TESTED:
            yield doubtful(
                "clickhouse version", text, "The monitor is tested with 26.9; upgrade when you can."
            )
        else:
            yield well("clickhouse version", text)
        yield clock("clickhouse clock", now / 1000 - (begin + took / 2), took / 2)

    def _migrations(self) -> Iterator[Finding]:
        wanted = {int(path.name[:4]) for path in files()}
        try:
            done = {number for (number,) in self._db.query("SELECT number FROM migrations FINAL")}
        except QueryRefused as error:
            advice = "Run `emc migrate`; if it is a matter of permissions, see deploy/clickhouse/users.xml."
            yield broken("migrations", f"{error}", advice)
            return
        if wanted - done:
            yield broken("migrations", f"not applied: {_numbers(wanted - done)}", "Run `emc migrate`.")
        elif done - wanted:
            advice = "Upgrade this program: another one has brought the tables further."
            yield doubtful("migrations", f"unknown here: {_numbers(done - wanted)}", advice)
        else:
            yield well("migrations", f"all {len(wanted)} applied")

    def _tables(self) -> Iterator[Finding]:
        names = sorted({name for path in files() for name in _TABLE.findall(path.read_text("utf-8"))})
        refused = [name for name in names if not self._allowed(f"SELECT * FROM `{name}` LIMIT 0")]
        if refused:
            advice = "Give this user SELECT on the database, or run `emc migrate` if they are not there."
            yield broken("tables", f"cannot be read: {', '.join(refused)}", advice)
        else:
            yield well("tables", f"all {len(names)} can be read")

    def _permissions(self) -> Finding:
        """A statement that writes nothing tells whether one that writes would be allowed."""
        writes = self._allowed("INSERT INTO positions SELECT * FROM positions WHERE 0", self._db.command)
        check = "clickhouse permissions"
        if self._role == "worker" and not writes:
            return broken(check, "as worker: no INSERT", "Use the user `writer`: GRANT ALL ON the database.")
        if self._role == "api" and writes:
            return doubtful(check, "as api: it may write", "Use the user `reader`, who may only read.")
        return well(check, f"as {self._role}: {'reads and writes' if writes else 'reads only'}")

    def _storage(self) -> Iterator[Finding]:
        found = self._ask(
            """
            SELECT table, partition, count() AS parts FROM system.parts
            WHERE active AND database = currentDatabase()
            GROUP BY table, partition ORDER BY parts DESC LIMIT 1
            """
        )
        for table, partition, parts in found:
            advice = "Merges do not keep up: look at the disk, at system.merges, at how often is inserted."
            yield by_limits(
                "parts", parts, f"at most {parts}, in {table} {partition}", PARTS_WARN, PARTS_FAIL, advice
            )
        disks = "SELECT name, free_space, total_space FROM system.disks WHERE total_space > 0"
        for name, free, size in [] if self._is_embedded else self._ask(disks):
            yield disk(f"disk {name}", size - free, free)

    def _positions(self, topic_id: str | None) -> Iterator[Finding]:
        ((agencies, written),) = self._db.query(
            "SELECT count(), max(toUnixTimestamp64Milli(written_at)) FROM commits FINAL"
        )
        if not agencies:
            yield well("rates", "none yet")
            return
        ago = time.time() - written / 1000
        yield well(
            "rates", f"{agencies} {noun(agencies, 'agency', 'agencies')}, last written {ago / 60:.0f} min ago"
        )
        known = {found for (found,) in self._db.query("SELECT DISTINCT topic_id FROM commits FINAL")}
        if topic_id is not None and topic_id not in known:
            advice = (
                "The topic was made anew, or this is another cluster: workers read it from its beginning."
            )
            yield doubtful("positions", "the tables were written from another topic", advice)

    def _allowed(self, statement: str, run: Callable[[str], object] | None = None) -> bool:
        try:
            (run or self._db.query)(statement)
        except QueryRefused:
            return False
        return True

    def _ask(self, sql: str) -> list[Row]:
        """Nothing when this user may not see it: an API's user need not."""
        try:
            return self._db.query(sql)
        except EmcError:
            return []


def _numbers(numbers: set[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))
