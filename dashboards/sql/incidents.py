"""Incidents on dashboards: marks on charts, and a table of what happened."""

from dashboards.sql.places import LAST_DAY, MONTH, STANDING, ZONE

MARK = "incident"
_BEGINS = f"toDate(begins_at, '{ZONE}')"
_ENDS = f"toDate(ifNull(ends_at, now64(6)), '{ZONE}')"
EVERYBODY = "true"


def mark(whose: str) -> str:
    """1 on the days of a chart over the month's `day` that an incident touches, else null.

    `whose`: a condition on the agency of an incident; those that concern all are always marked.
    """
    return f"""if(has((
        SELECT groupUniqArrayArray(range(
            toUInt32(greatest({_BEGINS}, {MONTH})), toUInt32(least({_ENDS}, {LAST_DAY})) + 1))
        FROM incidents FINAL
        WHERE {_touching(whose)}
    ), toUInt32(day)), 1, NULL) AS {MARK}"""


def in_month(whose: str) -> str:
    """Incidents that touch the month, the newest first."""
    return f"""
WITH {STANDING.strip()}
SELECT i.begins_at AS begins_at, i.ends_at AS ends_at, if(i.agency = '', '', n.name) AS name, i.text AS text
FROM (SELECT * FROM incidents FINAL WHERE {_touching(whose)}) AS i
LEFT JOIN names AS n ON n.agency = i.agency
ORDER BY begins_at DESC, text
""".strip()


def newest() -> str:
    """The newest incidents of all time."""
    return """
SELECT i.begins_at AS begins_at, i.ends_at AS ends_at, if(i.agency = '', '', n.name) AS name, i.text AS text
FROM (SELECT * FROM incidents FINAL) AS i
LEFT JOIN (SELECT code AS agency, name FROM agencies FINAL) AS n ON n.agency = i.agency
ORDER BY begins_at DESC, text
LIMIT 50
""".strip()


def annotations() -> str:
    """Incidents that touch the time range, as Grafana marks them on charts over time."""
    return """
SELECT begins_at AS time, ifNull(ends_at, now64(6)) AS timeEnd,
    concat(if(agency = '', '', concat(agency, ': ')), text) AS text
FROM incidents FINAL
WHERE begins_at <= $__toTime AND ifNull(ends_at, now64(6)) >= $__fromTime
ORDER BY time
""".strip()


def _touching(whose: str) -> str:
    return f"{_BEGINS} <= {LAST_DAY} AND {_ENDS} >= {MONTH} AND (agency = '' OR {whose})"
