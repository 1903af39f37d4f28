"""What moved a rate from one week to the next, split as `emc why` does; and rates over moving windows."""

from collections.abc import Sequence

from dashboards.sql.counted import SETTLED, rates_where
from dashboards.sql.facts import MEMBERS, conditions, counted_rows, with_entries
from dashboards.sql.overview import Limit, threshold_of
from dashboards.sql.places import LAST_DAY, STANDING, TODAY, chosen, share

LAST_COMPLETE = f"least({LAST_DAY}, {TODAY} - 1)"
"""The last complete day of the month: weeks and windows end with it."""

_EFFECTS = f"""
whole AS (
    SELECT sum(below_before) AS below_before, sum(above_before) AS above_before,
        sum(below_after) AS below_after, sum(above_after) AS above_after
    FROM parts
), effects AS (
    SELECT p.procedure AS procedure, p.above_before AS above_before, p.below_before AS below_before,
        p.above_after AS above_after, p.below_after AS below_after,
        {share("p.above_before", "p.below_before")} AS before,
        {share("p.above_after", "p.below_after")} AS after,
        {share("p.below_before", "w.below_before")} AS weight_before,
        {share("p.below_after", "w.below_after")} AS weight_after,
        ({share("w.above_before", "w.below_before")}
            + {share("w.above_after", "w.below_after")}) / 2 AS level,
        ifNull((weight_before + weight_after) / 2 * (after - before), 0) AS own,
        (weight_after - weight_before)
            * (if(isNull(before) OR isNull(after), ifNull(before, after), (before + after) / 2) - level)
            AS mix
    FROM parts AS p CROSS JOIN whole AS w
)
""".strip()
"""CTEs: both weeks as wholes; of each procedure the two effects of `sinks.queries.why`."""


def contributions() -> str:
    """What each procedure contributed to the change of the chosen definition, in points, the greatest first:
    the last seven complete days of the month against the seven before.

    `own`: its own rate changed; `mix`: its share of all dossiers did. They add up to the change.
    """
    return f"""
WITH {STANDING.strip()}, {_parts()}, {_EFFECTS}
SELECT e.procedure AS procedure, k.name AS name,
    e.above_before AS above_before, e.below_before AS below_before, e.before AS before,
    e.above_after AS above_after, e.below_after AS below_after, e.after AS after,
    100 * e.own AS own, 100 * e.mix AS mix, 100 * (e.own + e.mix) AS change
FROM effects AS e
LEFT JOIN (
    SELECT procedure, argMax(name, valid_from) AS name FROM procedures FINAL
    WHERE {SETTLED} OR agency IN {MEMBERS} GROUP BY procedure
) AS k ON k.procedure = e.procedure
WHERE isNotNull(change)
ORDER BY abs(change) DESC, procedure
LIMIT 50
""".strip()


def windows(limits: Sequence[Limit], least: int) -> str:
    """Data reuse of the last 7 and 28 complete days of the month by agency, the farthest below first.

    From `least` dossiers in 28 days on a rate is judged.
    """
    of_reuse = "period = 'day' AND metric = 'data_reuse' AND definition = 'received'"
    of_days = f"{of_reuse} AND start > {LAST_COMPLETE} - 28"
    return f"""
WITH {STANDING.strip()}, sums AS (
    SELECT s.stands AS agency, any(s.kind) AS kind,
        sumIf(r.numerator, r.start > {LAST_COMPLETE} - 7) AS above7,
        sumIf(r.denominator, r.start > {LAST_COMPLETE} - 7) AS below7,
        sum(r.numerator) AS above28, sum(r.denominator) AS below28
    FROM ({rates_where(f"{of_days} AND start <= {LAST_COMPLETE}")}) AS r
    INNER JOIN standing AS s ON s.code = r.agency
    GROUP BY agency
)
SELECT n.name AS name, w.above7 AS above7, w.below7 AS below7, {share("w.above7", "w.below7")} AS rate7,
    w.above28 AS above28, w.below28 AS below28, {share("w.above28", "w.below28")} AS rate28,
    {threshold_of(limits)} AS threshold,
    multiIf(w.below28 < {least}, 'few', rate28 < threshold, 'below', 'met') AS judged, w.agency AS agency
FROM sums AS w
INNER JOIN names AS n ON n.agency = w.agency
WHERE {chosen("w.agency")} AND w.below28 > 0
ORDER BY indexOf(['below', 'met', 'few'], judged), rate28 / threshold, name
""".strip()


def _parts() -> str:
    """CTE: of each procedure the counts of both weeks."""
    below, above = conditions()
    is_after = f"r.day > {LAST_COMPLETE} - 7"
    rows = counted_rows(f"{LAST_COMPLETE} - 13", LAST_COMPLETE)
    return f"""
parts AS (
    SELECT r.procedure AS procedure,
        sumIf(r.dossiers, NOT {is_after}) AS below_before,
        sumIf(r.dossiers, {above} AND NOT {is_after}) AS above_before,
        sumIf(r.dossiers, {is_after}) AS below_after,
        sumIf(r.dossiers, {above} AND {is_after}) AS above_after
    {with_entries(rows)}
    WHERE {below}
    GROUP BY procedure
)
""".strip()
