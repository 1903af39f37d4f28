"""Queries on the reuse of data: by source, by procedure, components digitised against reused."""

from collections.abc import Mapping, Sequence

from dashboards.sql.counted import mine
from dashboards.sql.incidents import mark
from dashboards.sql.overview import Limit, threshold_of
from dashboards.sql.places import (
    LAST_DAY,
    MONTH,
    STANDING,
    chosen,
    counts_of,
    monthly,
    rates_of,
    share,
    titles_of,
    weekly,
)
from sinks.queries.facts import DAY, RECEIVED

_CHOSEN = f"(SELECT code FROM standing WHERE {chosen('stands')})"
OF_CHOICE = f"agency IN {_CHOSEN}"
"""Condition: the agency is the chosen one, one that it stands for, or all are chosen."""
_REUSE = "metric = 'data_reuse' AND definition = 'received'"

PARTS = f"""
{STANDING}, parts AS (
    SELECT dossier, procedure, component.digitised AS digitised, component.reused AS reused,
        component.reuse_source AS source
    FROM (
        SELECT dossier, procedure, arrayJoin(JSONExtract(components,
            'Array(Tuple(digitised Bool, reused Bool, reuse_source String))')) AS component
        FROM dossiers FINAL
        WHERE {RECEIVED} AND {DAY["receipt"]} BETWEEN {MONTH} AND {LAST_DAY}
            AND month BETWEEN toYYYYMM(addMonths({MONTH}, -1)) AND toYYYYMM(addMonths({MONTH}, 1))
            AND {mine(_CHOSEN)}
    )
)
"""
"""CTE: the components of the dossiers received in the month whose code bears this month or one beside it."""


def rate() -> str:
    """One row: the reuse rate of the choice, of the country, of ministries, of localities."""
    of_choice = share(f"sumIf(above, {chosen()})", f"sumIf(below, {chosen()})")
    return f"""
WITH {monthly().strip()}
SELECT {of_choice} AS mine, {share("sum(above)", "sum(below)")} AS national,
    {share("sumIf(above, kind = 'ministry')", "sumIf(below, kind = 'ministry')")} AS ministries,
    {share("sumIf(above, kind = 'locality')", "sumIf(below, kind = 'locality')")} AS localities
FROM held
WHERE {_REUSE}
""".strip()


def components() -> str:
    """One row: components, the shares digitised and reused, and how many are digitised but not reused."""
    return f"""
WITH {PARTS.strip()}
SELECT uniqExactIf(dossier, reused) AS dossiers, count() AS components,
    {share("countIf(digitised)", "components")} AS digitised_share,
    {share("countIf(reused)", "components")} AS reused_share,
    countIf(digitised AND NOT reused) AS unused
FROM parts
""".strip()


def by_source(titles: Mapping[str, str]) -> str:
    """Reused components by where they came from."""
    return f"""
WITH {PARTS.strip()}
SELECT {titles_of("source", titles)} AS source, count() AS components
FROM parts
WHERE reused
GROUP BY source
ORDER BY components DESC, source
""".strip()


def by_procedure() -> str:
    """The procedures with most components: digitised against reused."""
    return f"""
WITH {PARTS.strip()}
SELECT p.procedure AS procedure, any(k.name) AS name, uniqExact(p.dossier) AS dossiers,
    {share("uniqExactIf(p.dossier, p.reused)", "dossiers")} AS dossiers_reused, count() AS components,
    {share("countIf(p.digitised)", "components")} AS digitised_share,
    {share("countIf(p.reused)", "components")} AS reused_share,
    countIf(p.digitised AND NOT p.reused) AS unused
FROM parts AS p
LEFT JOIN (SELECT procedure, any(name) AS name FROM procedures FINAL GROUP BY procedure) AS k
    ON k.procedure = p.procedure
GROUP BY p.procedure
ORDER BY unused DESC, procedure
LIMIT 100
""".strip()


def by_agency(limits: Sequence[Limit], minimum: int) -> str:
    """Every agency's rate against its threshold, the farthest below first.

    From `minimum` dossiers on a rate is judged.
    """
    return f"""
WITH {monthly().strip()}
SELECT n.name AS name, h.above AS numerator, h.below AS denominator, {share("h.above", "h.below")} AS rate,
    {threshold_of(limits)} AS threshold,
    multiIf(h.below < {minimum}, 'few', rate < threshold, 'below', 'met') AS judged, h.agency AS agency
FROM held AS h
INNER JOIN names AS n ON n.agency = h.agency
WHERE h.metric = 'data_reuse' AND h.definition = 'received' AND {chosen("h.agency")} AND h.below > 0
ORDER BY indexOf(['below', 'met', 'few'], judged), rate / threshold, name
""".strip()


def trend(ministries: float, localities: float) -> str:
    """The rate of both groups over the seven days up to each day, beside their thresholds."""
    of = {
        "ministries": f"{_REUSE} AND kind = 'ministry' AND {chosen()}",
        "localities": f"{_REUSE} AND kind = 'locality' AND {chosen()}",
    }
    return f"""
WITH {weekly(counts_of(of)).strip()}
SELECT toFloat64(toDayOfMonth(day)) AS day_of_month, {rates_of(of)},
    {ministries!r} AS threshold_ministries, {localities!r} AS threshold_localities,
    {mark(OF_CHOICE)}
FROM weeks
WHERE day >= {MONTH}
ORDER BY day
""".strip()
