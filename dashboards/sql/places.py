"""Whom a row counts for: agencies as they reported or as merged, and their groups."""

from collections.abc import Iterable, Mapping

from dashboards.sql.counted import rates_where

ZONE = "Asia/Ho_Chi_Minh"
TODAY = f"toDate(now('{ZONE}'))"
MONTH = "toDate('${month}')"
LAST_DAY = f"toLastDayOfMonth({MONTH})"
ALL = "all"

STANDING = """
standing AS (
    SELECT a.code AS code, a.kind AS kind, a.emc_connection_2024_04 AS april, a.valid_to AS valid_to,
        if('${structure}' = 'current',
            multiIf(a.successor = '', a.code, b.successor = '', a.successor, c.successor = '', b.successor,
                c.successor), a.code) AS stands
    FROM (SELECT * FROM agencies FINAL) AS a
    LEFT JOIN (SELECT code, successor FROM agencies FINAL) AS b ON b.code = a.successor
    LEFT JOIN (SELECT code, successor FROM agencies FINAL) AS c ON c.code = b.successor
), names AS (
    SELECT code AS agency, name, kind FROM agencies FINAL
)
"""
"""CTEs: every agency with the one that stands for it under the chosen structure; names and kinds."""


def monthly(is_counted_as_chosen: bool = True) -> str:
    """CTE `held`: the counts of every agency, metric and definition in the month.

    `is_counted_as_chosen`: for whom the choice says, else for the agency in the code, without a choice.
    """
    of_month = f"period = 'month' AND start = {MONTH}"
    as_stored = f"SELECT * FROM rates FINAL WHERE {of_month}"
    return f"""
{STANDING}, held AS (
    SELECT s.stands AS agency, any(s.kind) AS kind, r.metric AS metric, r.definition AS definition,
        sum(r.numerator) AS above, sum(r.denominator) AS below,
        sum(r.counted) AS counted, sum(r.declared) AS declared
    FROM ({rates_where(of_month) if is_counted_as_chosen else as_stored}) AS r
    INNER JOIN standing AS s ON s.code = r.agency
    GROUP BY agency, metric, definition
)
"""


def weekly(columns: Mapping[str, tuple[str, str]]) -> str:
    """CTE `weeks`: for every day of the month up to today, sums over the seven days that end with it.

    `columns`: of each sum, its name, and its count and condition over `held` (agency,
    kind, metric, definition, above, below). Single days are too few dossiers to compare, and weekends differ
    from working days.
    """
    sums = ", ".join(f"sumIf({count}, {met}) AS {name}" for name, (count, met) in columns.items())
    sliding = ", ".join(f"sum({name}) OVER seven AS {name}" for name in columns)
    return f"""
{STANDING}, held AS (
    SELECT s.stands AS agency, s.kind AS kind, r.metric AS metric, r.definition AS definition,
        r.start AS day, r.numerator AS above, r.denominator AS below
    FROM ({rates_where(f"period = 'day' AND start BETWEEN {MONTH} - 6 AND least({LAST_DAY}, {TODAY})")}) AS r
    INNER JOIN standing AS s ON s.code = r.agency
), weeks AS (
    SELECT day, {sliding}
    FROM (SELECT toUInt16(day) AS number, day, {sums} FROM held GROUP BY day)
    WINDOW seven AS (ORDER BY number RANGE BETWEEN 6 PRECEDING AND CURRENT ROW)
)
"""


def counts_of(conditions: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """The sums that `weekly` needs for a rate under each condition."""
    return {
        f"{name}_{count}": (count, condition)
        for name, condition in conditions.items()
        for count in ("above", "below")
    }


def rates_of(names: Iterable[str]) -> str:
    """The rates of those sums."""
    return ", ".join(f"{share(f'{name}_above', f'{name}_below')} AS {name}" for name in names)


def share(above: str, below: str) -> str:
    """A rate from sums; null without a denominator, never 0."""
    return f"{above} / nullIf({below}, 0)"


def quoted(text: str) -> str:
    """A string of SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def titles_of(expression: str, titles: Mapping[str, str]) -> str:
    """The title of each value that has one, else the value itself."""
    values = ", ".join(map(quoted, titles))
    words = ", ".join(map(quoted, titles.values()))
    return f"transform({expression}, [{values}], [{words}], toString({expression}))"


def chosen(agency: str = "agency") -> str:
    """Condition: the agency is the chosen one, or all are."""
    return f"('${{agency}}' = '{ALL}' OR {agency} = '${{agency}}')"
