"""Late by the dates, and only reported late: two things that one number would mix."""

from dashboards.sql.counted import mine
from dashboards.sql.facts import MEMBERS
from dashboards.sql.places import LAST_DAY, MONTH, STANDING, ZONE, share
from sinks.queries.facts import COUNTED, DAY, RECEIVED


def lateness() -> str:
    """One row, of the dossiers with a due date that were resolved in the month: how many, how many late by
    their dates, and how many in time whose resolution arrived only after they were due; and those of all time
    that are due and not resolved.
    """
    return f"""
WITH {STANDING.strip()}, resolved AS (
    SELECT agency, dossier, due_at, resolved_at FROM dossiers FINAL
    WHERE {mine(MEMBERS)} AND {COUNTED["resolution"]} AND isNotNull(due_at)
        AND {DAY["resolution"]} BETWEEN {MONTH} AND {LAST_DAY}
), arrived AS (
    SELECT agency, subject, min(arrived_at) AS first FROM events
    WHERE type = 'dossier' AND agency IN (SELECT agency FROM resolved)
        AND subject IN (SELECT dossier FROM resolved) AND JSONExtractInt(data, 'resolved_at') > 0
    GROUP BY agency, subject
)
SELECT count() AS resolved,
    countIf(r.resolved_at > r.due_at) AS late, {share("late", "resolved")} AS late_share,
    countIf(r.resolved_at <= r.due_at AND a.first > r.due_at) AS reported_late,
    {share("reported_late", "resolved")} AS reported_late_share,
    (SELECT count() FROM dossiers FINAL
        WHERE {mine(MEMBERS)} AND {RECEIVED} AND isNull(resolved_at) AND status NOT IN (3, 7, 8)
            AND due_at < now64(6, '{ZONE}')) AS overdue
FROM resolved AS r
LEFT JOIN arrived AS a ON a.agency = r.agency AND a.subject = r.dossier
""".strip()
