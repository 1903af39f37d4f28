-- Rates as they were when an operator froze them: what agencies object to, and what an index is made from.

CREATE TABLE IF NOT EXISTS snapshots
(
    id String COMMENT 'Identifier of the snapshot',
    name String COMMENT 'What it is called, without personal data',
    period LowCardinality(String) COMMENT 'Kind of the period, as in rates, or last7 or last28',
    start Date COMMENT 'First day of the period',
    structure LowCardinality(String) COMMENT 'reported: agencies as they reported; current: closed ones summed into their successors',
    metric LowCardinality(String) COMMENT 'The only metric it has; empty: every one',
    frozen_at DateTime64(6, 'UTC') COMMENT 'When it was frozen',
    frozen_by String COMMENT 'Name of the token or session that froze it',
    definitions String COMMENT 'The definitions as they were, as JSON: metric, name, numerator, denominator, day, wording',
    positions String COMMENT 'Up to where the log was in the tables, as JSON: topic_id, partition, next_offset',
    version UInt64 COMMENT 'Microseconds since 1970 of the write'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
COMMENT 'Snapshots of rates, for ever: written after their rates, so one that is listed is whole';

CREATE TABLE IF NOT EXISTS snapshot_rates
(
    snapshot String COMMENT 'Identifier of the snapshot',
    agency LowCardinality(String) COMMENT 'Level-1 code; empty: the rate of a group',
    agency_group LowCardinality(String) COMMENT 'national, ministries or localities; empty: the rate of an agency',
    metric LowCardinality(String) COMMENT 'Metric, e.g. online_submission',
    definition LowCardinality(String) COMMENT 'Definition of the metric, e.g. channel',
    numerator UInt64 COMMENT 'As in rates; of a group summed over its agencies',
    denominator UInt64 COMMENT 'As in rates; of a group summed over its agencies',
    counted UInt64 COMMENT 'As in rates: numerator of the coverage',
    declared UInt64 COMMENT 'As in rates: denominator of the coverage',
    as_of Nullable(DateTime64(6, 'UTC')) COMMENT 'Greatest time of an accepted event of whom it is of',
    version UInt64 COMMENT 'Microseconds since 1970 of the write'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (snapshot, agency, agency_group, metric, definition)
COMMENT 'The rates of snapshots and what they were made of; never changed';
