"""Queries on the pipeline as the tables show it; what only the workers know is asked of Prometheus."""


def strip() -> str:
    """One row: accepted and refused events of the range, the share refused, the newest arrival and write."""
    return """
SELECT (SELECT count() FROM events WHERE $__timeFilter(arrived_at)) AS accepted,
    (SELECT count() FROM rejections FINAL WHERE $__timeFilter(rejected_at)) AS rejected,
    rejected / nullIf(accepted + rejected, 0) AS refused,
    (SELECT max(last_arrival) FROM sources FINAL) AS arrived,
    (SELECT max(written_at) FROM commits FINAL) AS written,
    (SELECT count() FROM conflicts FINAL) AS conflicts
""".strip()


def throughput() -> str:
    """Accepted events a minute by type."""
    return """
SELECT $__timeInterval(arrived_at) AS time,
    countIf(type = 'dossier') / $__interval_s * 60 AS dossier,
    countIf(type = 'procedure') / $__interval_s * 60 AS procedure,
    countIf(type = 'declaration') / $__interval_s * 60 AS declaration
FROM events
WHERE $__timeFilter(arrived_at)
GROUP BY time
ORDER BY time
""".strip()


def refused() -> str:
    """Refused events by reason."""
    return """
SELECT $__timeInterval(rejected_at) AS time, reason, count() AS events
FROM rejections FINAL
WHERE $__timeFilter(rejected_at)
GROUP BY time, reason
ORDER BY time
""".strip()


def delay() -> str:
    """How old events are when they arrive, in seconds: median and 95th percentile."""
    return """
SELECT $__timeInterval(arrived_at) AS time,
    quantile(0.5)(dateDiff('millisecond', events.time, arrived_at) / 1000) AS median,
    quantile(0.95)(dateDiff('millisecond', events.time, arrived_at) / 1000) AS p95
FROM events
WHERE $__timeFilter(arrived_at)
GROUP BY time
ORDER BY time
""".strip()


def reasons() -> str:
    """Refused events of the range by agency and reason."""
    return """
SELECT if(r.agency = '', '–', r.agency) AS agency, any(nullIf(n.name, '')) AS name, r.reason AS reason,
    count() AS events,
    max(r.rejected_at) AS newest
FROM (SELECT * FROM rejections FINAL WHERE $__timeFilter(rejected_at)) AS r
LEFT JOIN (SELECT code, name FROM agencies FINAL) AS n ON n.code = r.agency
GROUP BY r.agency, r.reason
ORDER BY events DESC, agency, reason
LIMIT 200
""".strip()


def partitions() -> str:
    """How far each partition of the topic is written."""
    return """
SELECT partition, max(next_offset) AS next_offset, max(written_at) AS written
FROM positions FINAL
GROUP BY topic_id, partition
ORDER BY partition
""".strip()


def tables() -> str:
    """Size and parts of every table."""
    return """
SELECT name AS table, total_rows AS stored, total_bytes AS bytes, active_parts AS parts
FROM system.tables
WHERE database = currentDatabase() AND engine LIKE '%MergeTree'
ORDER BY bytes DESC, table
""".strip()
