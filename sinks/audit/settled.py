"""What settlers settle of another agency, from the states themselves: neither cells nor tallies are used."""

from emc.definitions import DEFINITIONS
from sinks.audit.comparison import two_sources
from sinks.audit.rates import PERIODS_OF_DAY
from sinks.queries.facts import COUNTED, DAY, facts_sql, with_entries

_AUDITED = "agency IN {agencies:Array(String)}"


def _of_attribution(day: str) -> str:
    """One attribution's dossiers that another agency settles, each with all rates that it counts in."""
    definitions = [definition for definition in DEFINITIONS if definition.day == day]
    sql = facts_sql()
    rates = ", ".join(
        f"('{d.metric}', '{d.name}', toUInt64({d.sql_numerator(sql)}), toUInt64({d.sql_denominator(sql)}))"
        for d in definitions
    )
    rows = f"""
        SELECT agency, settler, procedure, signature, {DAY[day]} AS day FROM dossiers FINAL
        WHERE {_AUDITED} AND settled_by != '' AND settler != agency AND {COUNTED[day]}
    """
    return f"""
        SELECT r.agency AS agency, r.settler AS settler, r.day AS day, [{rates}] AS rates
        {with_entries(rows, _AUDITED)}
    """


SETTLED = two_sources(
    "settled",
    f"""
    SELECT agency, k, (sum(above), sum(below)) AS v
    FROM (
        SELECT agency, (settler, rate.1, rate.2, place.1, place.2) AS k, rate.3 AS above, rate.4 AS below
        FROM (
            SELECT agency, settler, arrayJoin({PERIODS_OF_DAY}) AS place, arrayJoin(rates) AS rate
            FROM ({_of_attribution("receipt")} UNION ALL {_of_attribution("resolution")})
        )
        WHERE rate.4 > 0
    )
    GROUP BY agency, k
    """,
    f"""
    SELECT agency, (toString(settler), toString(metric), toString(definition), toString(period), start) AS k,
        (numerator, denominator) AS v
    FROM settled FINAL WHERE {_AUDITED}
    """,
)
