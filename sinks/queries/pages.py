"""What only pages ask: which periods there are, what holds a rate back, warnings and refusals by kind."""

from datetime import date
from typing import Any

from emc.definitions import Definition
from emc.instants import date_of_day
from sinks.clickhouse.database import Database
from sinks.queries.facts import facts_sql, with_entries


def read_periods(database: Database, period: str) -> list[date]:
    """The first days of the periods of this kind in which any dossier counts, the newest first."""
    rows = database.query(
        """
        SELECT DISTINCT start FROM (
            SELECT agency, start, argMax(is_deleted, version) AS is_gone FROM rates
            WHERE period = {period:String} AND metric = 'online_submission' AND definition = 'channel'
            GROUP BY agency, start
        ) WHERE is_gone = 0 ORDER BY start DESC
        """,
        {"period": period},
    )
    return [date_of_day(start) for (start,) in rows]


def read_mark(database: Database) -> str:
    """Something that changes whenever anything is written that these pages show; it tells nothing else."""
    ((mark,),) = database.query(
        """
        SELECT toString((
            (SELECT (max(version), sum(version), count()) FROM commits FINAL),
            (SELECT (max(version), sum(version)) FROM incidents FINAL),
            (SELECT (max(rejected_at), count()) FROM rejections),
            (SELECT (max(last_arrival), count()) FROM sources),
            (SELECT count() FROM feeds)
        ))
        """
    )
    return str(mark)


def read_levers(
    database: Database, definition: Definition, agency: str, first: date, last: date, most: int = 8
) -> list[dict[str, Any]]:
    """The procedures whose dossiers would raise a rate most, did all of them count; not for supply.

    Each with `numerator`, `denominator` and `gain`: by how much the agency's rate would rise.
    """
    facts = facts_sql()
    cells = """
        SELECT agency, procedure, day, signature, dossiers FROM tallies FINAL
        WHERE agency = {agency:String} AND attribution = {attribution:String}
            AND day BETWEEN {first:Date} AND {last:Date}
    """
    rows = database.rows(
        f"""
        SELECT procedure, above AS numerator, below AS denominator,
            (below - above) / sum(below) OVER () AS gain, n.name AS name
        FROM (
            SELECT r.procedure AS procedure,
                sumIf(r.dossiers, {definition.sql_denominator(facts)}) AS below,
                sumIf(r.dossiers, {definition.sql_numerator(facts)}) AS above
            {with_entries(cells)}
            GROUP BY procedure HAVING below > 0
        ) AS p
        LEFT JOIN (
            SELECT procedure, argMax(name, valid_from) AS name FROM procedures FINAL
            WHERE agency = {{agency:String}} GROUP BY procedure
        ) AS n ON n.procedure = p.procedure
        ORDER BY gain DESC, procedure LIMIT {{most:UInt32}}
        """,
        {
            "agency": agency,
            "attribution": definition.day,
            "first": first,
            "last": last,
            "most": most,
        },
    )
    return [row for row in rows if row["gain"] > 0]


def read_warnings(database: Database, agency: str) -> list[dict[str, Any]]:
    """How many dossiers of an agency bear each warning, with one of them; the commonest first."""
    return database.rows(
        """
        SELECT warning, count() AS dossiers, min(dossier) AS example FROM warnings
        WHERE agency = {agency:String} GROUP BY warning ORDER BY dossiers DESC, warning
        """,
        {"agency": agency},
    )


def read_causes(database: Database, agency: str | None, most: int = 20) -> list[dict[str, Any]]:
    """Refused events by what is wrong with them, of an agency or (None) of all; the commonest first.

    `last`: when the newest was refused, in milliseconds since 1970.
    """
    condition = "true" if agency is None else "agency = {agency:String}"
    return database.rows(
        f"""
        SELECT reason, path, detail, count() AS events, toUnixTimestamp64Milli(max(rejected_at)) AS last
        FROM (SELECT * FROM rejections FINAL WHERE {condition})
        GROUP BY reason, path, detail ORDER BY events DESC, reason, path LIMIT {{most:UInt32}}
        """,
        {"agency": agency or "", "most": most},
    )


def read_arrived(database: Database, agency: str, most: int = 20) -> list[dict[str, Any]]:
    """The events of an agency that were accepted last, of the last day; `at`: their arrival (ms)."""
    return database.rows(
        """
        SELECT DISTINCT type, subject, source, toUnixTimestamp64Milli(arrived_at) AS at FROM events
        WHERE agency = {agency:String} AND arrived_at >= now64(3) - INTERVAL 1 DAY
        ORDER BY at DESC, subject LIMIT {most:UInt32}
        """,
        {"agency": agency, "most": most},
    )


def read_shown(
    database: Database, metric: str, definition: str, agency: str, period: str, start: date, most: int = 60
) -> list[dict[str, Any]]:
    """What was shown of an agency's rate since when (ms), the newest first."""
    return database.rows(
        """
        SELECT toUnixTimestamp64Milli(shown_at) AS shown_at, last.1 AS numerator, last.2 AS denominator FROM (
            SELECT shown_at, argMax((numerator, denominator, is_deleted), version) AS last FROM rate_history
            WHERE agency = {agency:String} AND metric = {metric:String} AND definition = {definition:String}
                AND period = {period:String} AND start = {start:Date}
            GROUP BY shown_at
        ) WHERE last.3 = 0 ORDER BY shown_at DESC LIMIT {most:UInt32}
        """,
        {
            "agency": agency,
            "metric": metric,
            "definition": definition,
            "period": period,
            "start": start,
            "most": most,
        },
    )
