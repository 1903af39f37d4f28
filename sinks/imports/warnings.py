"""What is odd in what an agency's sources report, counted by source, with examples."""

from typing import Any

from emc.identifiers import dossier_month
from sinks.clickhouse.database import Database
from sinks.imports.meanings import CONSTANT_FROM, WARNINGS

_FLAGS = ("channel", "electronic_result", "identified", "fee_due", "paid_online", "claimed_level")
_COMPONENT_FLAGS = ("digitised", "reused")
FLAGS = (*_FLAGS, *(f"components.{name}" for name in _COMPONENT_FLAGS))
"""The flags of which `constant_flag` speaks, as its `field` names them."""


def read_warnings(database: Database, agency: str) -> list[dict[str, Any]]:
    """For each source of an agency and each warning: how many dossiers, three of them, what it means."""
    of_agency, parameters = "agency = {agency:String}", {"agency": agency}
    rows = database.rows(warnings_by_source(of_agency), parameters)
    rows += database.rows(constant_flags(of_agency), parameters)
    for row in rows:
        row["means"] = WARNINGS.get(row["warning"], "")
        row.setdefault("field", None)
        row["examples"] = sorted(row["examples"])
    return sorted(rows, key=lambda row: (row["source"], row["warning"], row["field"] or ""))


def sender_warnings(database: Database, agency: str, dossier: str) -> set[str]:
    """What the view `sender_warnings` says of one dossier; of the others only those of its month are read."""
    rows = database.query(
        """
        WITH mine AS (SELECT * FROM dossiers FINAL WHERE agency = {agency:String} AND month = {month:UInt32}
        AND dossier = {dossier:String})
        SELECT 'finished_without_date' FROM mine WHERE status = 9 AND isNull(resolved_at) AND NOT removed
        UNION ALL
        SELECT 'duplicate_suspect' FROM dossiers FINAL
        WHERE agency = {agency:String} AND month = {month:UInt32} AND NOT removed
            AND dossier IN (
                SELECT dossier FROM dossiers
                WHERE agency = {agency:String} AND month = {month:UInt32} AND dossier != {dossier:String}
                    AND received_at = (SELECT received_at FROM mine WHERE procedure != '' AND NOT removed)
            )
            AND (procedure, unit) IN (SELECT procedure, unit FROM mine)
            AND formatDateTime(assumeNotNull(received_at), '%H:%i:%S', 'Asia/Ho_Chi_Minh') != '00:00:00'
            AND isNotNull(received_at) AND toString((received_at, submitted_at, due_at, resolved_at,
            returned_at))
                IN (SELECT toString((received_at, submitted_at, due_at, resolved_at, returned_at)) FROM mine)
        LIMIT 1
        UNION ALL
        SELECT 'receipt_moves' FROM events FINAL
        WHERE agency = {agency:String} AND subject = {dossier:String} AND type = 'dossier'
            AND JSONExtractInt(data, 'received_at') > 0
        GROUP BY source HAVING uniqExact(JSONExtractInt(data, 'received_at')) > 1
        UNION ALL
        SELECT notice FROM notices FINAL
        WHERE agency = {agency:String} AND dossier = {dossier:String} AND notice != 'finished_without_date'
        """,
        {"agency": agency, "dossier": dossier, "month": dossier_month(dossier)},
    )
    return {str(warning) for (warning,) in rows}


def warnings_by_source(of_agency: str) -> str:
    """Query: source, warning, how many dossiers, three of them; `of_agency`: a condition on `agency`."""
    return f"""
        SELECT s.source AS source, w.warning AS warning, uniqExact(w.dossier) AS dossiers,
            groupUniqArray(3)(w.dossier) AS examples
        FROM
        (
            SELECT dossier, warning FROM warnings WHERE {of_agency}
            UNION DISTINCT
            SELECT dossier, warning FROM sender_warnings WHERE {of_agency}
        ) AS w
        INNER JOIN
        (
            SELECT DISTINCT subject AS dossier, source FROM events WHERE {of_agency} AND type = 'dossier'
        ) AS s ON s.dossier = w.dossier
        GROUP BY source, warning
        """


def constant_flags(of_agency: str) -> str:
    """Query: flags that never vary in a source, one row each with the flag in `field`."""
    fields = ", ".join(f"('{name}', JSONExtractRaw(data, '{name}'))" for name in _FLAGS)
    parts = ", ".join(
        f"""('components.{name}', multiIf(position(data, '"{name}":true') > 0
            AND position(data, '"{name}":false') = 0, 'true',
            position(data, '"{name}":false') > 0 AND position(data, '"{name}":true') = 0, 'false',
            position(data, '"{name}":') > 0, 'both', ''))"""
        for name in _COMPONENT_FLAGS
    )
    return f"""
        SELECT source, 'constant_flag' AS warning, said.1 AS field, uniqExact(subject) AS dossiers,
            groupUniqArray(3)(subject) AS examples
        FROM
        (
            SELECT source, subject, arrayJoin([{fields}, {parts}]) AS said FROM events
            WHERE {of_agency} AND type = 'dossier'
        )
        WHERE said.2 NOT IN ('', 'null')
        GROUP BY source, field
        HAVING dossiers > {CONSTANT_FROM} AND uniqExact(said.2) = 1 AND any(said.2) != 'both'
        """
