"""SQL for the facts that definitions speak of: a dossier's, and its procedure's on the day it counts."""

from collections.abc import Mapping

from emc.facts import PROCEDURE_FACTS, signature_sql
from sinks.clickhouse.database import Database
from sinks.queries.reasons import NO_CATALOGUE, NO_ENTRY_WORDS

ZONE = "Asia/Ho_Chi_Minh"
NOT_RESOLVED = (3, 7, 8)
"""Statuses under which a dossier is not resolved: not accepted, withdrawn, stopped."""

RECEIVED = "NOT removed AND received_at IS NOT NULL"
RESOLVED = f"{RECEIVED} AND resolved_at IS NOT NULL AND status NOT IN {NOT_RESOLVED}"
COUNTED = {"receipt": RECEIVED, "resolution": RESOLVED}
"""Conditions on `dossiers` for counting on the day of receipt and of resolution."""

DAY = {
    "receipt": f"toDate(assumeNotNull(received_at), '{ZONE}')",
    "resolution": f"toDate(assumeNotNull(resolved_at), '{ZONE}')",
}

SETTLER = (
    "if(settled_by = '', agency,"
    " if(substring(settled_by, 1, 1) > '9', substring(settled_by, 1, 3), right(settled_by, 3)))"
)
"""The level-1 code of who settles a row of `dossiers`, as its column `settler`; here also for row filters."""

PROCEDURE_SQL: Mapping[str, str] = {
    "level_full": "(e.service_level = 'full')",
    "level_partial": "(e.service_level = 'partial')",
    "eligible": "(e.eligible_full_online = 1)",
    "result_required": "(e.held = 0 OR e.result_required = 1)",
    "published": "(e.published = 1)",
}
"""Conditions over an entry `e` of `with_entries`; over none (held = 0) they hold what the contract says of
none.
"""

assert set(PROCEDURE_SQL) == set(PROCEDURE_FACTS)


def with_entries(rows: str, agencies: str = "agency = {agency:String}") -> str:
    """FROM clause: `rows` (with agency, procedure, day) as `r`, the entry that holds on the day as `e`.

    `agencies`: a condition for the entries' agencies.
    """
    return f"""
    FROM ({rows}) AS r
    ASOF LEFT JOIN (
        SELECT agency, procedure, valid_from, service_level, eligible_full_online, result_required,
            published, 1 AS held
        FROM procedures FINAL
        WHERE {agencies}
    ) AS e ON e.agency = r.agency AND e.procedure = r.procedure AND e.valid_from <= r.day
    """


def facts_sql(signature: str = "r.signature") -> dict[str, str]:
    """A condition for every fact, over `with_entries`."""
    return signature_sql(signature) | dict(PROCEDURE_SQL)


def without_entry(database: Database, agency: str) -> Mapping[str, str]:
    """What to say of a procedure without an entry: whether its agency has a catalogue at all."""
    found = database.query(
        "SELECT 1 FROM procedures WHERE agency = {agency:String} LIMIT 1", {"agency": agency}
    )
    return dict.fromkeys(PROCEDURE_FACTS, NO_ENTRY_WORDS if found else NO_CATALOGUE)
