"""The chosen definition's conditions in SQL, over cells or dossiers joined with their day's catalogue."""

from dashboards.sql.counted import SETTLED, mine
from dashboards.sql.places import LAST_DAY, MONTH, STANDING, quoted
from emc.definitions import DEFINITIONS, Definition
from sinks.queries.facts import COUNTED, DAY, PROCEDURE_SQL, facts_sql

MEMBERS = "(SELECT code FROM standing WHERE stands = '${agency}')"
PROCEDURE = "('${procedure}' = 'all' OR procedure = '${procedure}')"

_ENTRIES = f"""
    SELECT agency, procedure, valid_from, service_level, eligible_full_online, result_required, published,
        1 AS held
    FROM procedures FINAL
    WHERE {SETTLED} OR agency IN {MEMBERS}
"""


def key_of(definition: Definition) -> str:
    """How a definition is chosen: metric/definition."""
    return f"{definition.metric}/{definition.name}"


def of_dossiers() -> list[Definition]:
    """The definitions that count dossiers."""
    return [definition for definition in DEFINITIONS if definition.day != "state"]


def of_state() -> list[Definition]:
    """The definitions that count procedures of the catalogue."""
    return [definition for definition in DEFINITIONS if definition.day == "state"]


def is_one_of(definitions: list[Definition]) -> str:
    """Condition: the chosen definition is one of these."""
    return f"'${{definition}}' IN ({', '.join(quoted(key_of(d)) for d in definitions)})"


RESOLUTION = is_one_of([definition for definition in DEFINITIONS if definition.day == "resolution"])


def conditions(signature: str = "r.signature") -> tuple[str, str]:
    """Whether a row counts in the denominator, and in the numerator, of the chosen definition."""
    facts = facts_sql(signature)
    return (
        _choice([(d, d.sql_denominator(facts)) for d in of_dossiers()]),
        _choice([(d, d.sql_numerator(facts)) for d in of_dossiers()]),
    )


def state_conditions() -> tuple[str, str]:
    """As `conditions`, over catalogue entries `e`."""
    return (
        _choice([(d, d.sql_denominator(PROCEDURE_SQL)) for d in of_state()]),
        _choice([(d, d.sql_numerator(PROCEDURE_SQL)) for d in of_state()]),
    )


def _choice(branches: list[tuple[Definition, str]]) -> str:
    cases = ", ".join(f"'${{definition}}' = {quoted(key_of(d))}, {condition}" for d, condition in branches)
    return f"multiIf({cases}, false)"


def with_entries(rows: str) -> str:
    """FROM clause: `rows` (with agency, procedure, day) as `r`, the entry that holds on the day as `e`."""
    return f"""
    FROM ({rows}) AS r
    ASOF LEFT JOIN ({_ENTRIES}) AS e
        ON e.agency = r.agency AND e.procedure = r.procedure AND e.valid_from <= r.day
    """


def cells() -> str:
    """CTE `cells`: procedure and counts of the chosen definition, of the chosen agency in the month."""
    below, above = conditions()
    state_below, state_above = state_conditions()
    rows = counted_rows()
    catalogue = f"""
        SELECT * FROM ({_ENTRIES})
        WHERE agency IN {MEMBERS} AND valid_from <= {LAST_DAY} AND {PROCEDURE} AND {is_one_of(of_state())}
        ORDER BY valid_from DESC LIMIT 1 BY agency, procedure
    """
    return f"""
{STANDING}, cells AS (
    SELECT r.procedure AS procedure, sum(r.dossiers) AS below, sumIf(r.dossiers, {above}) AS above
    {with_entries(rows)}
    WHERE {below}
    GROUP BY procedure
    UNION ALL
    SELECT e.procedure, count(), countIf({state_above})
    FROM ({catalogue}) AS e
    WHERE {state_below}
    GROUP BY e.procedure
)
"""


def counted_rows(first: str = MONTH, last: str = LAST_DAY) -> str:
    """Rows for `with_entries`: the chosen agency's dossiers of some days by procedure, day and facts.

    By code they are in `tallies`; who settles is in `dossiers` alone.
    """
    return f"""
        SELECT agency, procedure, day, signature, dossiers FROM tallies FINAL
        WHERE agency IN {MEMBERS} AND day BETWEEN {first} AND {last} AND {PROCEDURE}
            AND attribution = if({RESOLUTION}, 'resolution', 'receipt') AND {is_one_of(of_dossiers())}
            AND NOT {SETTLED}
        UNION ALL
        SELECT agency, procedure, day, signature, toUInt64(1) AS dossiers
        FROM ({dossiers(first, last)}) WHERE {SETTLED}
    """


def dossiers(first: str = MONTH, last: str = LAST_DAY) -> str:
    """Rows for `with_entries`: the chosen agency's dossiers that the definition's day puts on some days."""
    return f"""
        SELECT agency, dossier, procedure, unit, status, signature,
            if({RESOLUTION}, toDate(resolved_at, 'Asia/Ho_Chi_Minh'), {DAY["receipt"]}) AS day
        FROM dossiers FINAL
        WHERE {mine(MEMBERS)} AND {PROCEDURE} AND {is_one_of(of_dossiers())}
            AND if({RESOLUTION}, {COUNTED["resolution"]}, {COUNTED["receipt"]})
            AND day BETWEEN {first} AND {last}
    """
