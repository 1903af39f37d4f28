-- What happened outside of the numbers and explains them: marked on charts, told with exports.

CREATE TABLE IF NOT EXISTS incidents
(
    agency LowCardinality(String) COMMENT 'Level-1 code of the agency that it concerns; empty: all',
    id String COMMENT 'Identifier of the incident',
    begins_at DateTime64(6, 'UTC') COMMENT 'When it began',
    ends_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it ended; null: it goes on',
    text String COMMENT 'What happened, in one sentence, without personal data',
    version UInt64 COMMENT 'Microseconds since 1970 of the write',
    is_deleted UInt8 COMMENT '1: it was taken back'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (agency, id)
COMMENT 'Incidents that explain numbers, such as an outage of a system, entered by operators';
