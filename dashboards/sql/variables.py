"""The choices that a dashboard offers: the first column is the value, the second what is shown."""

from dashboards.sql.counted import SETTLED
from dashboards.sql.facts import MEMBERS
from dashboards.sql.places import ALL, LAST_DAY, MONTH, STANDING, TODAY, quoted
from sinks.queries.facts import DAY

COMPLETE_SHARE = 0.1
"""A month with less than this share of the greatest month's dossiers is a fragment, not the newest month."""


def months(unfinished: str) -> str:
    """Months with dossiers received, none in the future. First the newest that is over and no fragment, then
    older ones; then the current one, marked as `unfinished`, and fragments.
    """
    return f"""
WITH months AS (
    SELECT start, sum(denominator) AS dossiers, start < toStartOfMonth({TODAY}) AS over
    FROM rates FINAL
    WHERE period = 'month' AND metric = 'online_submission' AND definition = 'channel'
        AND start <= {TODAY}
    GROUP BY start
    HAVING dossiers > 0
)
SELECT toString(start) AS value,
    concat(formatDateTime(start, '%m/%Y'), if(over, '', {quoted(" (" + unfinished + ")")})) AS text
FROM months
ORDER BY over AND dossiers >= {COMPLETE_SHARE} * (SELECT max(dossiers) FROM months) DESC, start DESC
""".strip()


def agencies(everyone: str | None = None) -> str:
    """The agencies of the chosen structure, by kind and name; first all of them, when `everyone` says how."""
    return f"""
WITH {STANDING.strip()}
SELECT value, text
FROM (
    {_first(everyone)}
    SELECT n.agency AS value, concat(n.name, ' (', n.agency, ')') AS text,
        if(n.kind = 'ministry', 1, 2) AS place
    FROM names AS n
    WHERE n.agency IN (SELECT stands FROM standing)
)
ORDER BY place, text
""".strip()


def procedures(everything: str) -> str:
    """All procedures together, then those that the chosen agency has dossiers of in the month."""
    return f"""
WITH {STANDING.strip()}
SELECT value, text
FROM (
    {_first(everything)}
    SELECT DISTINCT procedure, procedure, 1
    FROM tallies FINAL
    WHERE day BETWEEN {MONTH} AND {LAST_DAY} AND procedure != '' AND agency IN {MEMBERS}
    UNION DISTINCT
    SELECT procedure, procedure, 1
    FROM dossiers FINAL
    WHERE {SETTLED} AND settler IN {MEMBERS} AND procedure != ''
        AND ({DAY["receipt"]} BETWEEN {MONTH} AND {LAST_DAY}
            OR {DAY["resolution"]} BETWEEN {MONTH} AND {LAST_DAY})
)
ORDER BY place, value
""".strip()


def _first(text: str | None) -> str:
    return "" if text is None else f"SELECT '{ALL}' AS value, {quoted(text)} AS text, 0 AS place UNION ALL"
