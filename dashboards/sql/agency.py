"""Queries of one agency: its rates, what holds them back, down to the dossiers."""

import ast
from collections.abc import Mapping

from dashboards.sql.counted import SETTLED, rates_where
from dashboards.sql.facts import MEMBERS, cells, conditions, dossiers, key_of, of_dossiers, with_entries
from dashboards.sql.incidents import mark
from dashboards.sql.places import (
    MONTH,
    STANDING,
    counts_of,
    monthly,
    quoted,
    rates_of,
    share,
    titles_of,
    weekly,
)
from emc.definitions import DEFINITIONS
from sinks.imports.warnings import constant_flags, warnings_by_source
from sinks.queries.facts import facts_sql

_KIND = "(SELECT any(kind) FROM names WHERE agency = '${agency}')"
_CHOSEN = "concat(metric, '/', definition) = '${definition}'"
_MINE = "agency = '${agency}'"
MOST_DOSSIERS = 500


def compared(metric: str, definition: str) -> str:
    """One row: the agency's rate, its group's, the country's."""
    return f"""
WITH {monthly().strip()}
SELECT {share(f"sumIf(above, {_MINE})", f"sumIf(below, {_MINE})")} AS mine,
    {share(f"sumIf(above, kind = {_KIND})", f"sumIf(below, kind = {_KIND})")} AS peers,
    {share("sum(above)", "sum(below)")} AS national
FROM held
WHERE metric = '{metric}' AND definition = '{definition}'
""".strip()


def strip() -> str:
    """One row: dossiers received, coverage of receipts and of results, dossiers with warnings, rejections."""
    received = f"metric = 'online_submission' AND definition = 'channel' AND {_MINE}"
    resolved = f"metric = 'electronic_result' AND definition = 'resolved' AND {_MINE}"
    return f"""
WITH {monthly().strip()}
SELECT sumIf(below, {received}) AS dossiers,
    {share(f"sumIf(counted, {received})", f"sumIf(declared, {received})")} AS coverage_received,
    {share(f"sumIf(counted, {resolved})", f"sumIf(declared, {resolved})")} AS coverage_resolved,
    (SELECT uniq(dossier) FROM warnings WHERE agency IN {MEMBERS}) AS warned,
    (SELECT count() FROM rejections FINAL WHERE agency IN {MEMBERS}) AS rejected
FROM held
""".strip()


def rates(titles: Mapping[str, str], wordings: Mapping[str, str]) -> str:
    """Every definition: the agency's counts and rate beside its group's, and its rank there."""
    order = ", ".join(quoted(key_of(definition)) for definition in DEFINITIONS)
    key = "concat(metric, '/', definition)"
    others = "groupArrayIf(above / below, below > 0)"
    return f"""
WITH {monthly().strip()}
SELECT {titles_of(key, titles)} AS title, {titles_of(key, wordings)} AS wording,
    sumIf(above, {_MINE}) AS numerator, sumIf(below, {_MINE}) AS denominator,
    {share("numerator", "denominator")} AS rate,
    {share("sum(above)", "sum(below)")} AS peers, 100 * (rate - peers) AS difference,
    concat(toString(arrayCount(x -> x > rate, {others}) + 1), '/', toString(length({others}))) AS place,
    {share(f"sumIf(counted, {_MINE})", f"sumIf(declared, {_MINE})")} AS coverage,
    {key} AS key
FROM held
WHERE kind = {_KIND}
GROUP BY metric, definition
HAVING denominator > 0
ORDER BY indexOf([{order}], key)
""".strip()


def trend() -> str:
    """The chosen definition over the seven days up to each day: the agency, its group, the country."""
    of = {"mine": f"{_CHOSEN} AND {_MINE}", "peers": f"{_CHOSEN} AND kind = {_KIND}", "national": _CHOSEN}
    return f"""
WITH {weekly(counts_of(of)).strip()}
SELECT toFloat64(toDayOfMonth(day)) AS day_of_month, {rates_of(of)}, {mark(f"agency IN {MEMBERS}")}
FROM weeks
WHERE day >= {MONTH}
ORDER BY day
""".strip()


def by_month() -> str:
    """The chosen definition in the month and the twelve before it."""
    return f"""
WITH {STANDING.strip()}
SELECT formatDateTime(start, '%m/%Y') AS month, sum(numerator) AS numerator, sum(denominator) AS denominator,
    {share("numerator", "denominator")} AS rate, {share("sum(counted)", "sum(declared)")} AS coverage
FROM ({rates_where(f"period = 'month' AND start BETWEEN addMonths({MONTH}, -12) AND {MONTH} AND {_CHOSEN}")})
WHERE agency IN {MEMBERS}
GROUP BY start
ORDER BY start DESC
""".strip()


def by_procedure() -> str:
    """The procedures of the chosen definition; `gain`: points that the rate would rise by if all counted."""
    return f"""
WITH {cells().strip()}
SELECT c.procedure AS procedure, any(k.name) AS name, sum(c.above) AS numerator, sum(c.below) AS denominator,
    {share("numerator", "denominator")} AS rate, denominator - numerator AS missing,
    100 * missing / (SELECT sum(below) FROM cells) AS gain
FROM cells AS c
LEFT JOIN (
    SELECT procedure, argMax(name, valid_from) AS name FROM procedures FINAL
    WHERE {SETTLED} OR agency IN {MEMBERS} GROUP BY procedure
) AS k ON k.procedure = c.procedure
GROUP BY c.procedure
ORDER BY missing DESC, procedure
LIMIT 100
""".strip()


def by_unit() -> str:
    """The handling units of the chosen definition, those with most missing first."""
    below, above = conditions()
    return f"""
WITH {STANDING.strip()}
SELECT r.unit AS unit, countIf({above}) AS numerator, count() AS denominator,
    {share("numerator", "denominator")} AS rate, denominator - numerator AS missing
{with_entries(dossiers())}
WHERE {below}
GROUP BY unit
ORDER BY missing DESC, unit
LIMIT 100
""".strip()


def missing(reasons: Mapping[str, str]) -> str:
    """Dossiers in the denominator and not in the numerator of the chosen definition, the first 500, each with
    the facts that it lacks. `reasons`: of each fact, the words for its absence.
    """
    below, above = conditions()
    return f"""
WITH {STANDING.strip()}
SELECT r.dossier AS dossier, r.day AS day, r.procedure AS procedure, r.unit AS unit, r.status AS status,
    {_reason(reasons)} AS reason
{with_entries(dossiers())}
WHERE {below} AND NOT {above}
ORDER BY day, dossier
LIMIT {MOST_DOSSIERS}
""".strip()


def _reason(words: Mapping[str, str]) -> str:
    facts = facts_sql()
    cases = []
    for definition in of_dossiers():
        names = [node.id for node in ast.walk(ast.parse(definition.numerator)) if isinstance(node, ast.Name)]
        lacks = ", ".join(f"if({facts[name]}, '', {quoted(words[name])})" for name in names if name in words)
        cases.append(f"'${{definition}}' = {quoted(key_of(definition))}, [{lacks}]")
    return f"arrayStringConcat(arrayFilter(x -> x != '', multiIf({', '.join(cases)}, [''])), ', ')"


def rejections() -> str:
    """Refused events of the agency by reason and field."""
    return f"""
WITH {STANDING.strip()}
SELECT reason, path, any(detail) AS expected, count() AS events, max(rejected_at) AS newest
FROM rejections FINAL
WHERE agency IN {MEMBERS}
GROUP BY reason, path
ORDER BY events DESC, reason, path
LIMIT 100
""".strip()


def warnings() -> str:
    """What is odd in what the agency's sources report, by source: kinds, numbers, an example."""
    of_agency = f"agency IN {MEMBERS}"
    return f"""
WITH {STANDING.strip()}
SELECT source, warning, dossiers, arrayMin(examples) AS example
FROM (
    SELECT source, warning, dossiers, examples FROM ({warnings_by_source(of_agency)})
    UNION ALL
    SELECT source, concat(warning, ' ', field), dossiers, examples FROM ({constant_flags(of_agency)})
)
ORDER BY dossiers DESC, source, warning
""".strip()
