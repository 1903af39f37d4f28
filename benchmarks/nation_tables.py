"""A nation's year, made inside the engine out of what a worker has left of a small month.

Every dossier comes in 13 stretches of 28 days, each in so many copies, with a code of its own; cells and
daily rates are those of the month, moved and multiplied, and longer periods are sums of days. What does not
grow with dossiers (catalogues, declarations, sources, commits) and a sample of the rest (events, refusals)
stays as it is. Registers are copied as they are: in a single stretch they say what the columns say, so a
worker can take such tables over; in the others the columns alone are moved.
"""

from emc.catalogue import SUPPLY
from sinks.clickhouse import schema
from sinks.clickhouse.database import Database

STRETCHES, DAYS = 13, 28
_MOST_COPIES = 999
_DOSSIERS_OF_THE_MONTH = 54_782
"""Of the simulated one at scale 1."""
_INSTANTS = ("submitted_at", "received_at", "due_at", "resolved_at", "returned_at")
_MULTIPLIED = ("dossiers", "tallies", "rates", "rate_history")
_FIRST_COPY = "if(type = 'dossier', concat(subject, '0000'), subject)"
"""The events are those of the first copies, in the first stretch."""
_MOVED = ("numerator", "denominator", "counted")
_LONGER = {"month": "toStartOfMonth", "quarter": "toStartOfQuarter", "year": "toStartOfYear"}


def base_scale(dossiers: int, stretches: int = STRETCHES) -> float:
    """Of the simulated month out of which so many dossiers are made: small, but copies are at most 999."""
    return max(0.05, round(1.1 * dossiers / (_MOST_COPIES * stretches * _DOSSIERS_OF_THE_MONTH), 3))


def copies_for(dossiers: int, base: int, stretches: int = STRETCHES) -> int:
    """How many copies of a base month make at least so many dossiers; at most 999."""
    return max(1, min(_MOST_COPIES, -(-dossiers // (base * stretches))))


def make_year(base: Database, year: Database, copies: int, stretches: int = STRETCHES) -> None:
    """Fills the empty, migrated `year` from the tables of `base`, a database of the same engine."""
    for table in schema.TABLES:
        if table.role in (schema.Role.PROGRAM, schema.Role.ACCESS) or table.name in _MULTIPLIED:
            continue
        columns = ", ".join(f"`{name}`" for name in table.stored)
        chosen = columns.replace("`subject`", _FIRST_COPY) if table.name == "events" else columns
        year.command(f"INSERT INTO {table.name} ({columns}) SELECT {chosen} FROM `{base.name}`.{table.name}")
    for stretch in range(stretches):
        year.command(_dossiers(base.name, stretch * DAYS, copies))
    year.command(_tallies(base.name, copies, stretches))
    year.command(_daily(base.name, copies, stretches))
    if stretches > 1:  # a single one has its longer periods as they are
        for period, start_of in _LONGER.items():
            year.command(_longer(period, start_of))
    year.command(_history(base.name, stretches))


def _dossiers(base: str, days: int, copies: int) -> str:
    """The last digit of a code is that of the stretch: a base month is longer than a stretch."""
    day = "subtractDays(parseDateTime(concat('20', part[2]), '%Y%m%d'), " + str(days) + ")"
    date, number = (
        f"formatDateTime({day}, '%y%m%d')",
        f"part[3], leftPad(toString(copy), 3, '0'), '{days // DAYS % 10}'",
    )
    changed = {
        "dossier": f"concat(part[1], '-', {date}, '-', {number})",
        "month": f"toYYYYMM({day})",
        **{name: f"subtractDays({name}, {days})" for name in _INSTANTS},
    }
    columns = schema.BY_NAME["dossiers"].stored
    chosen = ", ".join(changed.get(name, f"`{name}`") for name in columns)
    return f"""
        INSERT INTO dossiers ({", ".join(f"`{name}`" for name in columns)})
        WITH splitByChar('-', base.dossier) AS part
        SELECT {chosen} FROM `{base}`.dossiers AS base FINAL
        CROSS JOIN (SELECT number AS copy FROM numbers({copies})) AS copies
    """


def _tallies(base: str, copies: int, stretches: int) -> str:
    return f"""
        INSERT INTO tallies (agency, procedure, attribution, day, signature, dossiers, version, is_deleted)
        SELECT agency, procedure, attribution, moved, signature, sum(dossiers) * {copies}, max(version), 0
        FROM (
            SELECT *, day - {DAYS} * arrayJoin(range({stretches})) AS moved FROM `{base}`.tallies FINAL
        ) GROUP BY agency, procedure, attribution, moved, signature
    """


def _daily(base: str, copies: int, stretches: int) -> str:
    """Supply is no sum over dossiers: what holds on a day holds on its copies."""
    supply = ", ".join(f"('{each.metric}', '{each.name}')" for each in SUPPLY)
    sums = ", ".join(
        f"if((metric, definition) IN ({supply}), max({name}), sum({name}) * {times})"
        for name, times in {**dict.fromkeys(_MOVED, copies), "declared": 1}.items()
    )
    return f"""
        INSERT INTO rates (agency, metric, definition, period, start, numerator, denominator, counted,
            declared, version, is_deleted)
        SELECT agency, metric, definition, period, moved, {sums}, max(version), 0 FROM (
            SELECT *, start - {DAYS} * arrayJoin(range({stretches})) AS moved
            FROM `{base}`.rates FINAL WHERE period = 'day' OR {stretches} = 1
        ) GROUP BY agency, metric, definition, period, moved
    """


def _longer(period: str, start_of: str) -> str:
    supply = ", ".join(f"('{each.metric}', '{each.name}')" for each in SUPPLY)
    sums = ", ".join(
        f"if((metric, definition) IN ({supply}), max({name}), sum({name}))" for name in (*_MOVED, "declared")
    )
    return f"""
        INSERT INTO rates (agency, metric, definition, period, start, numerator, denominator, counted,
            declared, version, is_deleted)
        SELECT agency, metric, definition, '{period}', {start_of}(start) AS first, {sums}, max(version), 0
        FROM rates FINAL WHERE period = 'day' GROUP BY agency, metric, definition, first
    """


def _history(base: str, stretches: int) -> str:
    columns = schema.BY_NAME["rate_history"].stored
    names = ", ".join(f"`{name}`" for name in columns)
    chosen = ", ".join(f"start - {DAYS} * stretch" if name == "start" else f"`{name}`" for name in columns)
    return f"""
        INSERT INTO rate_history ({names}) SELECT {chosen} FROM `{base}`.rate_history
        ARRAY JOIN range({stretches}) AS stretch
    """


def faults(base: Database, year: Database, copies: int, stretches: int = STRETCHES) -> list[str]:
    """What of a year is not as it was made, in words: dossiers counted three ways."""
    expected = base.query("SELECT count() FROM dossiers FINAL")[0][0] * stretches * copies
    found = year.query("SELECT count() FROM dossiers FINAL")[0][0]
    wrong = [] if found == expected else [f"{found} dossiers, expected {expected}"]
    by_state = _by_month(
        year,
        "SELECT toStartOfMonth(toTimeZone(received_at, 'Asia/Ho_Chi_Minh')) AS m, count() FROM dossiers FINAL"
        " WHERE received_at IS NOT NULL AND NOT removed GROUP BY m",
    )
    by_cell = _by_month(
        year,
        "SELECT toStartOfMonth(day) AS m, sum(dossiers) FROM tallies FINAL"
        " WHERE attribution = 'receipt' GROUP BY m",
    )
    by_rate = _by_month(
        year,
        "SELECT start, sum(denominator) AS n FROM rates FINAL WHERE period = 'month'"
        " AND metric = 'online_submission' AND definition = 'channel' GROUP BY start HAVING n > 0",
    )
    if not by_state == by_cell == by_rate:
        wrong.append("dossiers received by month differ between states, cells and rates")
    return wrong


def _by_month(year: Database, sql: str) -> dict[int, int]:
    return {int(month): int(count) for month, count in year.query(sql)}
