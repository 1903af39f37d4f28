"""Queries of the national overview. Numbers are the same sums as `sinks.queries.rates` makes."""

from collections.abc import Iterable, Mapping, Sequence

from dashboards.sql.counted import rates_where
from dashboards.sql.incidents import EVERYBODY, mark
from dashboards.sql.places import (
    LAST_DAY,
    MONTH,
    STANDING,
    TODAY,
    counts_of,
    monthly,
    quoted,
    rates_of,
    share,
    titles_of,
    weekly,
)

Limit = tuple[str, float]
"""A condition on agency and kind, and the threshold where it holds."""


_YEAR = f"period = 'month' AND start BETWEEN addMonths({MONTH}, -12) AND {MONTH}"
_FORTNIGHT = "period = 'day' AND start > (SELECT day FROM last) - 14 AND start <= (SELECT day FROM last)"
_WEEKS = f"""
{STANDING.strip()}, last AS (
    SELECT least({LAST_DAY}, {TODAY} - 1) AS day
), weeks AS (
    SELECT s.stands AS agency, r.metric AS metric, r.definition AS definition,
        sumIf(r.numerator, r.start > last_day - 7) AS above,
        sumIf(r.denominator, r.start > last_day - 7) AS below,
        sumIf(r.numerator, r.start <= last_day - 7) AS before_above,
        sumIf(r.denominator, r.start <= last_day - 7) AS before_below
    FROM (
        SELECT *, (SELECT day FROM last) AS last_day
        FROM ({rates_where(_FORTNIGHT)})
    ) AS r
    INNER JOIN standing AS s ON s.code = r.agency
    GROUP BY agency, metric, definition
)
"""


def groups(metric: str, definition: str) -> str:
    """One row: the rate of the country, of ministries and of localities."""
    sums = ", ".join(
        f"{share(f'sumIf(above, {condition})', f'sumIf(below, {condition})')} AS {name}"
        for name, condition in _GROUPS.items()
    )
    return f"""
WITH {monthly().strip()}
SELECT {sums}
FROM held
WHERE metric = '{metric}' AND definition = '{definition}'
""".strip()


_GROUPS = {"national": "true", "ministries": "kind = 'ministry'", "localities": "kind = 'locality'"}


def coverage(metric: str = "online_submission", definition: str = "channel") -> str:
    """One row: dossiers, what was declared, the coverage, and how many agencies have dossiers."""
    return f"""
WITH {monthly().strip()}
SELECT sum(below) AS dossiers, {share("sum(counted)", "sum(declared)")} AS coverage,
    countIf(below > 0) AS agencies, (SELECT uniq(stands) FROM standing) AS all_agencies
FROM held
WHERE metric = '{metric}' AND definition = '{definition}'
""".strip()


def freshness() -> str:
    """One row: the greatest time of an accepted event, and when the last one arrived."""
    return """
SELECT nullIf(max(as_of), toDateTime64(0, 6, 'UTC')) AS as_of,
    (SELECT nullIf(max(last_arrival), toDateTime64(0, 3, 'UTC')) FROM sources FINAL) AS arrived
FROM commits FINAL
""".strip()


def published(titles: Mapping[str, str], scopes: Mapping[str, str]) -> str:
    """Published figures of the groups beside the computed rates: of each the one nearest to the month.

    A difference is given only where both speak of the same month and of the same definition.
    """
    defaults = _pairs(titles)
    same = f"(period = 'month' AND start = {MONTH} AND concat(metric, '/', definition) IN ({defaults}))"
    return f"""
WITH {monthly().strip()}, sums AS (
    SELECT metric, arrayJoin(['national', if(kind = 'ministry', 'ministries', 'localities')]) AS scope,
        sum(above) AS above, sum(below) AS below
    FROM held
    WHERE concat(metric, '/', definition) IN ({defaults})
    GROUP BY metric, scope
), figures AS (
    SELECT metric, scope, value / 100 AS value, as_of, note, ifNull({same}, false) AS comparable,
        multiIf(period = 'month', formatDateTime(assumeNotNull(start), '%m/%Y'),
            period = 'year', toString(toYear(assumeNotNull(start))), NULL) AS spoken_of
    FROM reported_figures FINAL
    WHERE unit = 'percent'
    ORDER BY comparable DESC, abs(dateDiff('day', as_of, {LAST_DAY})) LIMIT 1 BY metric, scope
), targets AS (
    SELECT metric, scope, value / 100 AS target, as_of FROM reported_figures FINAL
    WHERE unit = 'percent target' AND concat(metric, '/', definition) IN ({defaults})
    ORDER BY as_of < {LAST_DAY}, abs(dateDiff('day', as_of, {LAST_DAY})) LIMIT 1 BY metric, scope
)
SELECT {titles_of("s.metric", {key.split("/")[0]: title for key, title in titles.items()})} AS metric,
    {titles_of("s.scope", scopes)} AS scope, {share("s.above", "s.below")} AS computed,
    if(f.metric = '', NULL, f.value) AS published,
    if(f.comparable, 100 * (computed - published), NULL) AS difference,
    f.spoken_of AS spoken_of, if(f.metric = '', NULL, f.as_of) AS published_on,
    if(t.metric = '', NULL, t.target) AS target,
    s.above AS numerator, s.below AS denominator
FROM sums AS s
LEFT JOIN figures AS f ON f.metric = s.metric AND f.scope = s.scope
LEFT JOIN targets AS t ON t.metric = s.metric AND t.scope = s.scope
WHERE published IS NOT NULL OR target IS NOT NULL
ORDER BY indexOf([{", ".join(quoted(key.split("/")[0]) for key in titles)}], s.metric),
    indexOf(['national', 'ministries', 'localities'], s.scope)
""".strip()


def trend(names: Mapping[str, str]) -> str:
    """The national rates of the seven days up to each day. `names`: column and its metric/definition."""
    of = {name: _is(key) for name, key in names.items()}
    return f"""
WITH {weekly(counts_of(of)).strip()}
SELECT toFloat64(toDayOfMonth(day)) AS day_of_month, {rates_of(of)}, {mark(EVERYBODY)}
FROM weeks
WHERE day >= {MONTH}
ORDER BY day
""".strip()


def by_month(names: Mapping[str, str]) -> str:
    """The national rates in the month and the twelve before it. `names`: column and its metric/definition."""
    rates = ", ".join(
        f"{share(f'sumIf(numerator, {_is(key)})', f'sumIf(denominator, {_is(key)})')} AS {name}"
        for name, key in names.items()
    )
    received = _is("online_submission/channel")
    return f"""
SELECT formatDateTime(start, '%m/%Y') AS month, {rates}
FROM ({rates_where(_YEAR)})
WHERE agency IN (SELECT code FROM agencies FINAL)
GROUP BY start
HAVING sumIf(denominator, {received}) > 0
ORDER BY start DESC
""".strip()


def matrix(kind: str, names: Mapping[str, str]) -> str:
    """The heat map: an agency a row, a rate a column. `names`: column and its metric/definition."""
    columns = ",\n    ".join(f"{_rate(key, 'h.')} AS {name}" for name, key in names.items())
    first = next(iter(names))
    return f"""
WITH {monthly().strip()}
SELECT n.name AS name,
    nullIf(sumIf(h.below, {_received}), 0) AS dossiers,
    {columns},
    {share(f"sumIf(h.counted, {_received})", f"sumIf(h.declared, {_received})")} AS coverage,
    n.agency AS agency
FROM names AS n
LEFT JOIN held AS h ON h.agency = n.agency
WHERE n.kind = '{kind}' AND n.agency IN (SELECT stands FROM standing)
GROUP BY n.agency, n.name
ORDER BY isNull({first}), {first}, n.name
""".strip()


def movers(titles: Mapping[str, str], minimum: int) -> str:
    """The greatest changes from one week to the next: the last seven complete days of the month, and the
    seven before. Rates over fewer than `minimum` dossiers in either week are left out.
    """
    metrics = {key.split("/")[0]: title for key, title in titles.items()}
    return f"""
WITH {_WEEKS.strip()}
SELECT n.name AS name, {titles_of("w.metric", metrics)} AS metric,
    {share("before_above", "before_below")} AS before, {share("above", "below")} AS after,
    100 * (after - before) AS change, below AS dossiers, w.agency AS agency
FROM weeks AS w
INNER JOIN names AS n ON n.agency = w.agency
WHERE concat(w.metric, '/', w.definition) IN ({_pairs(titles)})
    AND below >= {minimum} AND before_below >= {minimum}
ORDER BY abs(change) DESC, n.name
LIMIT 12
""".strip()


def attention(limits: Sequence[Limit], minimum: int, coverage: float, words: Mapping[str, str]) -> str:
    """Agencies that need a look in the month: reuse below its threshold, coverage low, nothing received."""
    threshold = threshold_of(limits)
    received = "metric = 'online_submission' AND definition = 'channel'"
    return f"""
WITH {monthly().strip()}, found AS (
    SELECT agency, 1 AS place, {quoted(words["reuse"])} AS why, above / below AS value, {threshold} AS bound
    FROM held
    WHERE metric = 'data_reuse' AND definition = 'received' AND below >= {minimum}
        AND above / below < {threshold}
    UNION ALL
    SELECT agency, 2, {quoted(words["coverage"])}, counted / declared, {coverage}
    FROM held
    WHERE {received} AND declared >= {minimum} AND counted / declared < {coverage}
    UNION ALL
    SELECT n.agency, 0, {quoted(words["nothing"])}, NULL, NULL
    FROM names AS n
    WHERE n.agency IN (SELECT stands FROM standing WHERE isNull(valid_to) OR valid_to >= {MONTH})
        AND n.agency NOT IN (SELECT agency FROM held WHERE {received} AND below > 0)
)
SELECT n.name AS name, f.why AS why, f.value AS value, f.bound AS bound, f.agency AS agency
FROM found AS f
INNER JOIN names AS n ON n.agency = f.agency
ORDER BY f.place, f.value / f.bound, n.name
""".strip()


def threshold_of(limits: Sequence[Limit]) -> str:
    """SQL for the threshold of the row's agency."""
    *special, (_, default) = limits
    if not special:
        return repr(default)
    branches = ", ".join(f"{condition}, {value!r}" for condition, value in special)
    return f"multiIf({branches}, {default!r})"


def _is(key: str, of: str = "") -> str:
    metric, name = key.split("/")
    return f"{of}metric = '{metric}' AND {of}definition = '{name}'"


def _rate(key: str, of: str = "") -> str:
    return share(f"sumIf({of}above, {_is(key, of)})", f"sumIf({of}below, {_is(key, of)})")


def _pairs(keys: Iterable[str]) -> str:
    return ", ".join(map(quoted, keys))


_received = _is("online_submission/channel", "h.")
