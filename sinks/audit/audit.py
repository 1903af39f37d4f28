"""The audit: states from stored events, cells from states, rates from cells, recomputed in SQL and compared.

It shares no code with the stream but the definitions, and may run beside it: an agency is compared only when
no table holds a version above its `commits` row before and after reading, and that row stayed the same.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from emc.instants import date_of_day
from sinks.audit.cells import CELLS
from sinks.audit.comparison import Findings
from sinks.audit.rates import RATES
from sinks.audit.settled import SETTLED
from sinks.audit.states import CHUNKED, CHUNKED_AFTER_DROPS, WHOLE
from sinks.clickhouse import schema
from sinks.clickhouse.database import Database
from sinks.maintenance.erasure import traces
from sinks.maintenance.retention import dropped_until

TRIES = 5
_ROWS_AT_ONCE = 40_000
"""As many rows of a table are compared by one query, as memory allows: of several agencies, or a part of one.

Planning a query takes longer than comparing a small agency does, so most of them go together. A query of this
many took 200 MiB of the engine; one of 150 000 took 530, and a quarter less processor time.
"""


class Mark(NamedTuple):
    """How far an agency is written: the version of its last complete write, the greatest version anywhere."""

    committed: int
    greatest: int
    today: int

    @property
    def is_settled(self) -> bool:
        """Whether no write is under way."""
        return self.greatest <= self.committed


def audit(database: Database, pause: float = 0.3, look: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Compares every agency.

    Returns {"checked": rows compared, "different": rows that differ, "unsettled": agencies that were being
    written at each of five tries (`pause` seconds and more apart), "agencies": agencies compared,
    "differences": the first hundred, each with table, agency, key, expected and found, "erased": dossiers
    erased on request, "traces": rows that still tell of one}. `look` is called before each comparison of a
    group of agencies, and may raise to give it up.
    """
    sizes = _sizes(database)
    compared = _settled(database, sizes, pause, look)
    findings = Findings()
    for agency in sorted(compared):
        findings.add(compared[agency])
    return {
        "checked": findings.checked,
        "different": findings.different,
        "unsettled": len(sizes) - len(compared),
        "agencies": len(compared),
        "differences": findings.differences,
        **traces(database),
    }


def audit_agency(database: Database, agency: str, pause: float = 0.3) -> Findings | None:
    """The findings for one agency; None when it never stood still."""
    size = _sizes(database, "agency = {agency:String}", {"agency": agency}).get(agency, 0)
    return _settled(database, {agency: size}, pause).get(agency)


def _settled(
    database: Database, sizes: Mapping[str, int], pause: float, look: Callable[[], None] = lambda: None
) -> dict[str, Findings]:
    """Findings by agency, without those that never stood still.

    What was written meanwhile is compared again, with ever fewer others at once: so it need not stand still
    for longer than its own comparison takes.
    """
    findings: dict[str, Findings] = {}
    for attempt in range(TRIES):
        left = {agency: size for agency, size in sizes.items() if agency not in findings}
        if attempt and left:
            time.sleep(pause * attempt)
        for group in _groups(left, _ROWS_AT_ONCE >> (2 * attempt)):
            look()
            findings |= _compare_settled(database, group, max(left[agency] for agency in group))
    return findings


def _groups(sizes: Mapping[str, int], at_once: int) -> Iterator[list[str]]:
    """Agencies with so many rows together; a greater one is alone."""
    group, rows = list[str](), 0
    for agency in sorted(sizes):
        if group and rows + sizes[agency] > at_once:
            yield group
            group, rows = [], 0
        group.append(agency)
        rows += sizes[agency]
    if group:
        yield group


def _compare_settled(database: Database, group: list[str], greatest: int) -> dict[str, Findings]:
    """Findings of those in a group that stood still; `greatest` is the greatest of their sizes."""
    before = {agency: mark for agency, mark in _marks(database, group).items() if mark.is_settled}
    if not before:
        return {}
    findings = _compare(database, before, 1 + greatest // _ROWS_AT_ONCE)
    after = _marks(database, list(before))
    return {agency: found for agency, found in findings.items() if after[agency] == before[agency]}


def _compare(database: Database, marks: Mapping[str, Mark], chunks: int) -> dict[str, Findings]:
    """Findings of agencies; the registers are compared in so many chunks."""
    findings = {agency: Findings() for agency in marks}

    def add(found: Mapping[str, Findings]) -> None:
        for agency, of_agency in found.items():
            findings[agency].add(of_agency)

    agencies = {"agencies": list(marks)}
    for comparison in CHUNKED_AFTER_DROPS if dropped_until(database, "events") else CHUNKED:
        for chunk in range(chunks):
            add(comparison.run(database, agencies | {"chunks": chunks, "chunk": chunk}))
    for comparison in (*WHOLE, CELLS, SETTLED):
        add(comparison.run(database, agencies))
    add(RATES.run(database, agencies | {"todays": [date_of_day(mark.today) for mark in marks.values()]}))
    return findings


def _sizes(
    database: Database, which: str = "true", parameters: Mapping[str, Any] | None = None
) -> dict[str, int]:
    """Every agency that any table knows, with its rows in the table that has the most."""
    union = _union(("commits", *schema.AUDITED), "toString(agency) AS agency, count() AS n", which)
    return dict(database.query(f"SELECT agency, max(n) FROM ({union}) GROUP BY agency", parameters))


def _marks(database: Database, agencies: Iterable[str]) -> dict[str, Mark]:
    parameters, which = {"agencies": list(agencies)}, "agency IN {agencies:Array(String)}"
    union = _union(schema.AUDITED, "toString(agency) AS agency, max(version) AS greatest", which)
    greatest: dict[str, int] = dict(
        database.query(f"SELECT agency, max(greatest) FROM ({union}) GROUP BY agency", parameters)
    )
    committed = {
        agency: tuple(row)
        for agency, *row in database.query(
            f"SELECT agency, version, today FROM commits FINAL WHERE {which}", parameters
        )
    }
    marks = {}
    for agency in parameters["agencies"]:
        version, today = committed.get(agency, (0, 0))
        marks[agency] = Mark(version, greatest.get(agency, 0), today)
    return marks


def _union(tables: Iterable[str], columns: str, which: str) -> str:
    return " UNION ALL ".join(
        f"SELECT {columns} FROM {table} WHERE {which} GROUP BY agency" for table in tables
    )
