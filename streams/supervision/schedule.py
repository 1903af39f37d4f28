"""Scheduled work beside the stream: audits of the worker's agencies, thinning, retention, a look at storage.

It waits for nobody and nobody waits for it: what fails is tried again at its next turn, and says so in the
log. Audits are spread over the whole interval, one agency at a time, so the engine hardly notices them.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection

import msgspec

from emc.errors import EmcError
from emc.settings.upkeep import Upkeep
from sinks.audit.audit import audit_agency
from sinks.audit.comparison import Findings
from sinks.clickhouse import schema
from sinks.clickhouse.database import Database
from sinks.maintenance.retention import drop_old
from sinks.maintenance.storage import read_storage, warnings
from sinks.maintenance.thinning import thin
from streams.supervision.metrics import AuditResult

_log = logging.getLogger("emc.schedule")
TABLES_EVERY = 3600.0
STORAGE_EVERY = 60.0
_NO_AGENCIES = 5.0
_DERIVED = frozenset(schema.DERIVED)
"""What differs in these alone can be mended from the states."""


class Round(msgspec.Struct):
    """One audit of all agencies of a worker; `mended`: agencies that were rebuilt because of it."""

    different: int = 0
    unsettled: int = 0
    mended: int = 0


class Schedule:
    """What a worker does at its intervals.

    `agencies` lists the worker's agencies that have rows; `mend(agency, only_unfinished)` rebuilds one from
    ClickHouse between two batches (only when rows of an unfinished write stand there), and tells whether it
    did; `has_first` tells whether the worker has the partition 0: its owner works on the tables for all.
    """

    def __init__(
        self,
        db: Database,
        upkeep: Upkeep,
        agencies: Callable[[], Collection[str]],
        mend: Callable[[str, bool], Awaitable[bool]],
        has_first: Callable[[], bool],
    ) -> None:
        self.warnings: list[str] = []
        self.audit: AuditResult | None = None
        self.mended = 0
        self._db, self._upkeep = db, upkeep
        self._agencies, self._mend, self._has_first = agencies, mend, has_first
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Works until `stop` is called and what is under way then has ended."""
        async with asyncio.TaskGroup() as group:
            for work in (self._audits(), self._tables(), self._storage()):
                group.create_task(work)

    def stop(self) -> None:
        """Begins nothing more."""
        self._stopping.set()

    async def _pause(self, seconds: float) -> bool:
        """Waits; true when the schedule is to end."""
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return False
        return True

    async def _audits(self) -> None:
        every = self._upkeep.audit_every
        while every > 0 and not self._stopping.is_set():
            codes = sorted(self._agencies())
            if not codes:
                await self._pause(min(every, _NO_AGENCIES))
                continue
            found = Round()
            for code in codes:
                if await self._pause(every / len(codes)):
                    return
                if code in self._agencies():
                    await self._audit(code, found)
            self.audit = AuditResult(time.time(), found.different, found.unsettled)
            self.mended += found.mended
            _log.info("audited", extra={"agencies": len(codes), **msgspec.structs.asdict(found)})

    async def _audit(self, agency: str, found: Round) -> None:
        """Audits one agency, and rebuilds it from ClickHouse when rows differ or a write was never ended."""
        try:
            findings = await asyncio.to_thread(audit_agency, self._db, agency)
            if findings is not None and findings.different and findings.tables <= _DERIVED:
                # states were compared before what follows from them: were they still right then?
                findings = await asyncio.to_thread(audit_agency, self._db, agency)
            await self._judge(agency, findings, found)
        except Exception as error:  # whatever it is, the others' turn comes all the same
            found.unsettled += 1
            _log.warning("not audited", extra={"agency": agency, "reason": _reason(error)})

    async def _judge(self, agency: str, findings: Findings | None, found: Round) -> None:
        if findings is None:
            found.unsettled += 1
        elif findings.different:
            found.different += findings.different
            _log.error("audit differs", extra={"agency": agency, **_told(findings)})
            if not findings.tables <= _DERIVED:
                return  # what a rebuild would read is itself in doubt: an operator must look
        else:
            return
        if await self._mend(agency, findings is None):
            found.mended += 1

    async def _tables(self) -> None:
        while not self._stopping.is_set():
            if self._has_first():
                await self._try("thin history", self._thin)
                await self._try("drop what is old", self._drop)
                await self._pause(TABLES_EVERY)
            else:
                await self._pause(_NO_AGENCIES)

    def _thin(self) -> None:
        removed = thin(self._db, int(time.time() * 1000))
        if removed:
            _log.info("history thinned", extra={"rows": removed})

    def _drop(self) -> None:
        for table in schema.BY_MONTHS:
            days = self._upkeep.days_kept(table)
            months = drop_old(self._db, table, days, int(time.time() * 1000))
            if months:
                _log.info("months dropped", extra={"table": table, "months": months})

    async def _storage(self) -> None:
        while not self._stopping.is_set():
            await self._try("look at storage", self._look)
            await self._pause(STORAGE_EVERY)

    def _look(self) -> None:
        found = list(warnings(read_storage(self._db)))
        if len(found) > len(self.warnings):
            _log.warning("storage", extra={"reasons": found})
        self.warnings = found

    async def _try(self, duty: str, step: Callable[[], None]) -> None:
        try:
            await asyncio.to_thread(step)
        except Exception as error:  # as above
            _log.warning("not done", extra={"duty": duty, "reason": _reason(error)})


def _told(findings: Findings) -> dict[str, object]:
    """How many rows differ, and of which tables; no values."""
    return {"different": findings.different, "tables": sorted(findings.tables)}


def _reason(error: Exception) -> str:
    """Our own errors quote no values; of any other only its kind is told."""
    return str(error) if isinstance(error, EmcError) else type(error).__name__
