-- What the monitor needs to run for years: how fresh the rates were when they were shown, and how far the
-- scheduled work has come.

CREATE TABLE IF NOT EXISTS freshness
(
    agency LowCardinality(String) COMMENT 'Level-1 code of the agency',
    shown_at DateTime64(3, 'UTC') COMMENT 'From this minute on the rates were as fresh as that',
    as_of DateTime64(6, 'UTC') COMMENT 'Greatest time of the accepted dossier, procedure and declaration events; 1970-01-01: none',
    version UInt128 COMMENT 'Place in the log of the write that stored the row'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(shown_at)
ORDER BY (agency, shown_at)
COMMENT 'How fresh each agency was when, beside rate_history; thinned as that is';

CREATE TABLE IF NOT EXISTS upkeep
(
    task LowCardinality(String) COMMENT 'thin-hourly, thin-daily, drop-events or drop-rejections',
    until DateTime64(3, 'UTC') COMMENT 'Rows from before this moment are done',
    done_at DateTime64(3, 'UTC') COMMENT 'When it was done'
)
ENGINE = ReplacingMergeTree(until)
ORDER BY task
COMMENT 'How far the scheduled work on the tables has come; what is done twice changes nothing';
