"""Rates from cells, declarations and the catalogue: every row that must exist, for all kinds of period."""

from emc.definitions import DEFINITIONS
from sinks.comparison import two_sources
from sinks.facts import PROCEDURE_SQL, facts_sql, with_entries

_BY_DAY = [definition for definition in DEFINITIONS if definition.day != "state"]
_SUPPLY = [definition for definition in DEFINITIONS if definition.day == "state"]
_ATTRIBUTION = {"receipt": 1, "resolution": 2}

_PERIODS_OF_DAY = """[
    ('day', day), ('month', toStartOfMonth(day)), ('quarter', toStartOfQuarter(day)), ('year',
    toStartOfYear(day))
]"""

_STATE_DAY = """least({today:Date}, multiIf(
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
    rows = """
        SELECT procedure, toUInt8(attribution) AS attribution, day, signature, dossiers
        FROM tallies FINAL WHERE agency = {agency:String}
    """
    return f"""
        SELECT r.attribution AS attribution, r.day AS day, toUInt64(r.dossiers) AS dossiers,
            arrayMap(x -> x * dossiers, [{", ".join(conditions)}]) AS added,
            toUInt8(0) AS has_declaration, toUInt64(0) AS said
        {with_entries(rows)}
    """


def _declared(column: str, attribution: int) -> str:
    return f"""
        SELECT toUInt8({attribution}) AS attribution, day, toUInt64(0) AS dossiers,
            arrayWithConstant({2 * len(_BY_DAY)}, toUInt64(0)) AS added,
            toUInt8(1) AS has_declaration, toUInt64(assumeNotNull({column})) AS said
        FROM declarations FINAL WHERE agency = {{agency:String}} AND {column} IS NOT NULL
    """


def _by_period() -> str:
    """Sums by attribution and period: dossiers, definitions, those on declared days, declared."""
    daily = f"""
        SELECT attribution, day, sum(dossiers) AS of_day, sumForEach(added) AS sums_of_day,
            max(has_declaration) AS is_declared, sum(said) AS said_for_day
        FROM ({_cells()} UNION ALL {_declared("received", 1)} UNION ALL {_declared("resolved", 2)})
        GROUP BY attribution, day
    """
    return f"""
        SELECT attribution, place.1 AS period, place.2 AS start, sum(of_day) AS all_dossiers,
            sumForEach(sums_of_day) AS sums, max(is_declared) AS any_declared,
            sum(of_day * is_declared) AS counted, sum(said_for_day) AS declared
        FROM (SELECT *, arrayJoin({_PERIODS_OF_DAY}) AS place FROM ({daily}))
        GROUP BY attribution, period, start
    """


def _day_rates() -> str:
    """The rates of all metrics but supply."""
    definitions = [
        f"({_ATTRIBUTION[definition.day]}, '{definition.metric}', '{definition.name}', {2 * n + 1})"
        for n, definition in enumerate(_BY_DAY)
    ]
    return f"""
        SELECT d.2 AS metric, d.3 AS definition, period, start,
            sums[d.4] AS numerator, sums[d.4 + 1] AS denominator, counted, declared
        FROM (SELECT *, arrayJoin([{", ".join(definitions)}]) AS d FROM ({_by_period()}))
        WHERE d.1 = attribution AND (all_dossiers > 0 OR any_declared = 1)
    """


def _supply_rates() -> str:
    """The supply rates: of periods in which another rate has a denominator, and of the current ones."""
    current = f"""
        SELECT place.1 AS period, place.2 AS start
        FROM (SELECT {{today:Date}} AS day, arrayJoin({_PERIODS_OF_DAY}) AS place)
        WHERE (SELECT count() FROM procedures
            WHERE agency = {{agency:String}} AND valid_from <= {{today:Date}}) > 0
    """
    wanted = f"""
        SELECT period, start, {_STATE_DAY} AS state_day FROM (
            SELECT period, start FROM ({_day_rates()}) WHERE denominator > 0
            UNION DISTINCT {current}
        )
    """
    conditions = [
        f"toUInt64({condition})"
        for definition in _SUPPLY
        for condition in (definition.sql_numerator(PROCEDURE_SQL), definition.sql_denominator(PROCEDURE_SQL))
    ]
    catalogue = f"""
        SELECT state_day, sumForEach([{", ".join(conditions)}]) AS sums FROM (
            SELECT d.state_day AS state_day, p.procedure AS procedure, p.service_level AS service_level,
                p.eligible_full_online AS eligible_full_online, p.result_required AS result_required,
                p.published AS published, 1 AS held
            FROM (SELECT DISTINCT state_day FROM ({wanted})) AS d
            CROSS JOIN (SELECT * FROM procedures FINAL WHERE agency = {{agency:String}}) AS p
            WHERE p.valid_from <= d.state_day
            ORDER BY p.valid_from DESC LIMIT 1 BY state_day, procedure
        ) AS e
        GROUP BY state_day
    """
    definitions = [f"('{found.metric}', '{found.name}', {2 * n + 1})" for n, found in enumerate(_SUPPLY)]
    return f"""
        SELECT d.1 AS metric, d.2 AS definition, period, start,
            sums[d.3] AS numerator, sums[d.3 + 1] AS denominator,
            toUInt64(0) AS counted, toUInt64(0) AS declared
        FROM (
            SELECT w.period AS period, w.start AS start, c.sums AS sums,
                arrayJoin([{", ".join(definitions)}]) AS d
            FROM ({wanted}) AS w LEFT JOIN ({catalogue}) AS c ON c.state_day = w.state_day
        )
    """


_KEY_AND_VALUE = """
    (toString(metric), toString(definition), toString(period), start) AS k,
    (toUInt64(numerator), toUInt64(denominator), toUInt64(counted), toUInt64(declared)) AS v
"""

RATES = two_sources(
    "rates",
    f"SELECT {_KEY_AND_VALUE} FROM ({_day_rates()} UNION ALL {_supply_rates()})",
    f"SELECT {_KEY_AND_VALUE} FROM rates FINAL WHERE agency = {{agency:String}}",
)
