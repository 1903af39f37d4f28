"""Rates from cells, declarations and the catalogue: every row that must exist, for all kinds of period."""

from collections.abc import Sequence

from emc.definitions import DEFINITIONS, Definition
from sinks.audit.comparison import two_sources
from sinks.queries.facts import PROCEDURE_SQL, facts_sql, with_entries

_BY_DAY = [definition for definition in DEFINITIONS if definition.day != "state"]
_SUPPLY = [definition for definition in DEFINITIONS if definition.day == "state"]
_ATTRIBUTION = {"receipt": 1, "resolution": 2}

_AUDITED = "agency IN {agencies:Array(String)}"

_TODAY = "{todays:Array(Date)}[indexOf({agencies:Array(String)}, agency)]"
"""The day that the agency's last write stated the current periods for."""

PERIODS_OF_DAY = """[
    ('day', day), ('month', toStartOfMonth(day)), ('quarter', toStartOfQuarter(day)), ('year',
    toStartOfYear(day))
]"""

_STATE_DAY = f"""least({_TODAY}, multiIf(
    period = 'day', start,
    period = 'month', toLastDayOfMonth(start),
    period = 'quarter', toLastDayOfMonth(addMonths(start, 2)),
    toLastDayOfMonth(addMonths(start, 11))
))"""


def _cells() -> str:
    """By cell: dossiers, and for each definition what they add to its numerator and denominator."""
    sql = facts_sql()
    conditions = [
        f"toUInt64({condition})"
        for definition in _BY_DAY
        for condition in (definition.sql_numerator(sql), definition.sql_denominator(sql))
    ]
    rows = f"""
        SELECT agency, procedure, toUInt8(attribution) AS attribution, day, signature, dossiers
        FROM tallies FINAL WHERE {_AUDITED}
    """
    return f"""
        SELECT r.agency AS agency, r.attribution AS attribution, r.day AS day,
            toUInt64(r.dossiers) AS dossiers,
            arrayMap(x -> x * dossiers, [{", ".join(conditions)}]) AS added,
            toUInt8(0) AS has_declaration, toUInt64(0) AS said
        {with_entries(rows, _AUDITED)}
    """


def _declared(column: str, attribution: int) -> str:
    return f"""
        SELECT agency, toUInt8({attribution}) AS attribution, day, toUInt64(0) AS dossiers,
            arrayWithConstant({2 * len(_BY_DAY)}, toUInt64(0)) AS added,
            toUInt8(1) AS has_declaration, toUInt64(assumeNotNull({column})) AS said
        FROM declarations FINAL WHERE {_AUDITED} AND {column} IS NOT NULL
    """


def _by_period() -> str:
    """Sums by attribution and period: dossiers, definitions, those on declared days, declared."""
    daily = f"""
        SELECT agency, attribution, day, sum(dossiers) AS of_day, sumForEach(added) AS sums_of_day,
            max(has_declaration) AS is_declared, sum(said) AS said_for_day
        FROM ({_cells()} UNION ALL {_declared("received", 1)} UNION ALL {_declared("resolved", 2)})
        GROUP BY agency, attribution, day
    """
    return f"""
        SELECT agency, attribution, place.1 AS period, place.2 AS start, sum(of_day) AS all_dossiers,
            sumForEach(sums_of_day) AS sums, max(is_declared) AS any_declared,
            sum(of_day * is_declared) AS counted, sum(said_for_day) AS declared
        FROM (SELECT *, arrayJoin({PERIODS_OF_DAY}) AS place FROM ({daily}))
        GROUP BY agency, attribution, period, start
    """


def _rates(definitions: Sequence[Definition], day: str, counted: str, declared: str) -> str:
    """An array of rates as tuples, from the `sums` of definitions: those of one kind of day."""
    rates = (
        f"('{found.metric}', '{found.name}', toUInt64(sums[{2 * n + 1}]), toUInt64(sums[{2 * n + 2}]),"
        f" {counted}, {declared})"
        for n, found in enumerate(definitions)
        if found.day == day
    )
    return f"[{', '.join(rates)}]"


def _by_day() -> str:
    """The rates of all metrics but supply, by attribution and period."""
    receipt, resolution = (_rates(_BY_DAY, day, "counted", "declared") for day in _ATTRIBUTION)
    return f"""
        SELECT agency, period, start, if(attribution = 1, {receipt}, {resolution}) AS rates,
            false AS is_current
        FROM ({_by_period()})
        WHERE all_dossiers > 0 OR any_declared = 1
    """


def _current() -> str:
    """The current periods of agencies with a catalogue entry that holds today; no rates yet."""
    return f"""
        SELECT agency, place.1 AS period, place.2 AS start, [] AS rates, true AS is_current
        FROM (
            SELECT agency, {_TODAY} AS day, arrayJoin({PERIODS_OF_DAY}) AS place
            FROM procedures FINAL WHERE {_AUDITED}
            GROUP BY agency HAVING min(valid_from) <= day
        )
    """


def _catalogue() -> str:
    """How many procedures count for supply, by agency, from the first day of each entry (`since`) on.

    An entry adds what it counts, and takes back what the entry of its procedure before it counted.
    """
    counts = ", ".join(
        f"toInt64({condition})"
        for definition in _SUPPLY
        for condition in (definition.sql_numerator(PROCEDURE_SQL), definition.sql_denominator(PROCEDURE_SQL))
    )
    entries = f"""
        SELECT agency, procedure, valid_from, [{counts}] AS counts
        FROM (SELECT *, 1 AS held FROM procedures FINAL WHERE {_AUDITED}) AS e
    """
    changes = f"""
        SELECT agency, valid_from AS since, counts, lagInFrame(counts) OVER (
            PARTITION BY agency, procedure ORDER BY valid_from
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS before
        FROM ({entries})
    """
    return f"""
        SELECT agency, since, sumForEach(change) OVER (PARTITION BY agency ORDER BY since) AS sums
        FROM (
            SELECT agency, since, sumForEach(arrayMap(
                (n, count) -> count - before[n], arrayEnumerate(counts), counts)) AS change
            FROM ({changes}) GROUP BY agency, since
        )
    """


def _all_rates() -> str:
    """By agency and period: the rates by day, and the supply rates of current periods and of those in which
    another rate has a denominator.
    """
    periods = f"""
        SELECT *, {_STATE_DAY} AS state_day FROM (
            SELECT agency, period, start, groupArrayArray(rates) AS by_day,
                max(is_current) OR arrayExists(rate -> rate.4 > 0, by_day) AS has_supply
            FROM ({_by_day()} UNION ALL {_current()})
            GROUP BY agency, period, start
        )
    """
    supply = _rates(_SUPPLY, "state", "toUInt64(0)", "toUInt64(0)")
    return f"""
        SELECT w.agency AS agency, w.period AS period, w.start AS start, c.sums AS sums,
            arrayJoin(arrayConcat(w.by_day, if(w.has_supply, {supply}, []))) AS rate
        FROM ({periods}) AS w
        ASOF LEFT JOIN ({_catalogue()}) AS c ON c.agency = w.agency AND c.since <= w.state_day
    """


RATES = two_sources(
    "rates",
    f"""
    SELECT agency, (rate.1, rate.2, toString(period), start) AS k, (rate.3, rate.4, rate.5, rate.6) AS v
    FROM ({_all_rates()})
    """,
    f"""
    SELECT agency, (toString(metric), toString(definition), toString(period), start) AS k,
        (numerator, denominator, counted, declared) AS v
    FROM rates FINAL WHERE {_AUDITED}
    """,
)
