"""Queries on the connections: which source speaks, which is silent, what part of the work arrives."""

from dashboards.sql.places import MONTH, STANDING, TODAY, monthly, share

LIVE_HOURS, LATE_HOURS = 1, 24
_AGE = "dateDiff('second', {0}, now64(3, 'UTC')) / 3600"
STATES = ("live", "late", "silent", "never", "closed")
_STATES = ", ".join(f"countIf(status = '{state}') AS {state}" for state in STATES)
_STATUS = "multiIf({age} <= {live}, 'live', {age} <= {late}, 'late', 'silent')"

_AGENCIES = f"""
{STANDING.strip()}, seen AS (
    SELECT agency, max(last_arrival) AS arrived, count() AS sources FROM sources FINAL GROUP BY agency
), connected AS (
    SELECT s.code AS agency, s.kind AS kind, s.april AS april, seen.sources AS sources,
        if(seen.sources = 0, NULL, seen.arrived) AS arrived, {_AGE.format("arrived")} AS hours,
        multiIf(s.valid_to < {TODAY}, 'closed', isNull(arrived), 'never',
            {_STATUS.format(age="hours", live=LIVE_HOURS, late=LATE_HOURS)}) AS status
    FROM standing AS s
    LEFT JOIN seen ON seen.agency = s.code
)
"""


def summary() -> str:
    """One row: agencies by the state of their connection."""
    return f"""
WITH {_AGENCIES.strip()}
SELECT {_STATES}
FROM connected
""".strip()


def agencies() -> str:
    """Every agency: its state today beside the list of April 2024, and its coverage in the month."""
    received, resolved = "metric = 'online_submission'", "metric = 'electronic_result'"
    counts = f"""
        SELECT agency, sumIf(denominator, {received}) AS dossiers,
            {share(f"sumIf(counted, {received})", f"sumIf(declared, {received})")} AS received,
            {share(f"sumIf(counted, {resolved})", f"sumIf(declared, {resolved})")} AS resolved
        FROM rates FINAL
        WHERE period = 'month' AND start = {MONTH}
            AND (metric, definition) IN (('online_submission', 'channel'), ('electronic_result', 'resolved'))
        GROUP BY agency
    """
    return f"""
WITH {_AGENCIES.strip()}
SELECT n.name AS name, if(c.april = 'not-full', 'not-full', 'not-named') AS april,
    c.status AS status, c.arrived AS arrived, c.sources AS sources,
    nullIf(d.dossiers, 0) AS dossiers, d.received AS coverage_received,
    d.resolved AS coverage_resolved, c.agency AS agency
FROM connected AS c
INNER JOIN names AS n ON n.agency = c.agency
LEFT JOIN ({counts}) AS d ON d.agency = c.agency
ORDER BY indexOf(['silent', 'never', 'late', 'live', 'closed'], status), coverage_received, n.name
""".strip()


def april() -> str:
    """What has become of the list of April 2024: agencies then not fully connected, by their state today."""
    return f"""
WITH {_AGENCIES.strip()}
SELECT if(april = 'not-full', 'not-full', 'not-named') AS april, count() AS agencies,
    countIf(kind = 'ministry') AS ministries, countIf(kind = 'locality') AS localities, {_STATES}
FROM connected
GROUP BY april
ORDER BY april
""".strip()


def coverage() -> str:
    """One row: coverage of receipts in the month of the country, of ministries, of localities."""
    return f"""
WITH {monthly(is_counted_as_chosen=False).strip()}
SELECT {share("sum(counted)", "sum(declared)")} AS national,
    {share("sumIf(counted, kind = 'ministry')", "sumIf(declared, kind = 'ministry')")} AS ministries,
    {share("sumIf(counted, kind = 'locality')", "sumIf(declared, kind = 'locality')")} AS localities
FROM held
WHERE metric = 'online_submission' AND definition = 'channel'
""".strip()


def sources() -> str:
    """Every source system: when it was last heard of, and its state, the longest silent first."""
    age = _AGE.format("s.last_arrival")
    return f"""
SELECT n.name AS name, s.source AS source,
    if(empty(f.feeds), 'events', arrayStringConcat(f.feeds, ', ')) AS feeds,
    s.last_arrival AS arrived, s.last_time AS last_time,
    {age} AS hours, {_STATUS.format(age="hours", live=LIVE_HOURS, late=LATE_HOURS)} AS status,
    s.agency AS agency
FROM (SELECT * FROM sources FINAL) AS s
LEFT JOIN (SELECT code, name FROM agencies FINAL) AS n ON n.code = s.agency
LEFT JOIN (
    SELECT source, arraySort(groupUniqArray(feed)) AS feeds FROM feeds FINAL GROUP BY source
) AS f ON f.source = s.source
ORDER BY s.last_arrival, s.source
LIMIT 500
""".strip()
