"""The audit: states from stored events, cells from states, rates from cells, recomputed in SQL and compared.

It shares no code with the stream but the definitions, and may run beside it: an agency is compared only when
no table holds a version above its `commits` row before and after reading, and that row stayed the same.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from emc.instants import date_of_day
from sinks.audit_cells import CELLS
from sinks.audit_rates import RATES
from sinks.audit_states import CHUNKED, CHUNKED_AFTER_DROPS, WHOLE
from sinks.comparison import Findings
from sinks.database import Database
from sinks.retention import dropped_until

TRIES = 5
_EVENTS_AT_ONCE = 150_000
_AT_ONCE = 2
_WRITTEN = ("events", "dossiers", "procedures", "declarations", "tallies", "rates")


class Mark(NamedTuple):
    """How far an agency is written: the version of its last complete write, the greatest version anywhere."""

    committed: int
    greatest: int
    today: int

    @property
    def is_settled(self) -> bool:
        """Whether no write is under way."""
        return self.greatest <= self.committed


def audit(database: Database, pause: float = 0.3) -> dict[str, Any]:
    """Compares every agency.

    Returns {"checked": rows compared, "different": rows that differ, "unsettled": agencies that were being
    written at each of five tries (`pause` seconds and more apart), "agencies": agencies compared,
    "differences": the first hundred, each with table, agency, key, expected and found}.
    """
    findings, unsettled = Findings(), 0
    agencies = _agencies(database)
    # planning its many small queries is most of an audit's work: one plans while another runs
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="audit") as pool:
        for found in pool.map(lambda agency: audit_agency(database, agency, pause), agencies):
            if found is None:
                unsettled += 1
            else:
                findings.add(found)
    return {
        "checked": findings.checked,
        "different": findings.different,
        "unsettled": unsettled,
        "agencies": len(agencies) - unsettled,
        "differences": findings.differences,
    }


def audit_agency(database: Database, agency: str, pause: float = 0.3) -> Findings | None:
    """The findings for one agency; None when it never stood still."""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(pause * attempt)
        before = _mark(database, agency)
        if not before.is_settled:
            continue
        findings = _compare(database, agency, before.today)
        if _mark(database, agency) == before:
            return findings
    return None


def _compare(database: Database, agency: str, today: int) -> Findings:
    ((events,),) = database.query(
        "SELECT count() FROM events WHERE agency = {agency:String}", {"agency": agency}
    )
    chunks = 1 + events // _EVENTS_AT_ONCE
    findings = Findings()
    for comparison in CHUNKED_AFTER_DROPS if dropped_until(database, "events") else CHUNKED:
        for chunk in range(chunks):
            parameters = {"agency": agency, "chunks": chunks, "chunk": chunk}
            findings.add(comparison.run(database, parameters))
    for comparison in (*WHOLE, CELLS):
        findings.add(comparison.run(database, {"agency": agency}))
    findings.add(RATES.run(database, {"agency": agency, "today": date_of_day(today)}))
    return findings


def _agencies(database: Database) -> list[str]:
    """Every agency that any table knows."""
    union = " UNION DISTINCT ".join(
        f"SELECT DISTINCT agency FROM {table}" for table in ("commits", *_WRITTEN)
    )
    return [agency for (agency,) in database.query(f"SELECT agency FROM ({union}) ORDER BY agency")]


def _mark(database: Database, agency: str) -> Mark:
    union = " UNION ALL ".join(
        f"SELECT max(version) AS version FROM {table} WHERE agency = {{agency:String}}" for table in _WRITTEN
    )
    ((greatest,),) = database.query(f"SELECT max(version) FROM ({union})", {"agency": agency})
    committed = database.query(
        "SELECT version, today FROM commits FINAL WHERE agency = {agency:String}", {"agency": agency}
    )
    version, today = committed[0] if committed else (0, 0)
    return Mark(version, greatest, today)
