-- What agencies object to, and what is written about it: rows are added, none is changed.

CREATE TABLE IF NOT EXISTS objections
(
    agency LowCardinality(String) COMMENT 'Level-1 code of the agency that objects',
    id String COMMENT 'Identifier of the objection',
    snapshot String COMMENT 'Identifier of the snapshot whose rate is meant; empty: a dossier is',
    metric LowCardinality(String) COMMENT 'Metric of the rate; empty: a dossier is meant',
    definition LowCardinality(String) COMMENT 'Definition of the metric; empty: a dossier is meant',
    dossier String COMMENT 'Code of the dossier that is meant; empty: a rate is',
    numerator Nullable(UInt64) COMMENT 'The numerator that the agency counts itself; null: it gave no numbers',
    denominator Nullable(UInt64) COMMENT 'The denominator that the agency counts itself; null: it gave no numbers',
    made_at DateTime64(6, 'UTC') COMMENT 'When it was made',
    version UInt64 COMMENT 'Microseconds since 1970 of the write'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (agency, id)
COMMENT 'Objections of agencies to rates of snapshots and to dossiers';

CREATE TABLE IF NOT EXISTS objection_messages
(
    agency LowCardinality(String) COMMENT 'Level-1 code of the agency that objects',
    objection String COMMENT 'Identifier of the objection',
    at DateTime64(6, 'UTC') COMMENT 'When it was written',
    id String COMMENT 'Identifier of the message',
    side LowCardinality(String) COMMENT 'agency or operator: who wrote',
    name String COMMENT 'Name of the token or session that wrote',
    decision LowCardinality(String) COMMENT 'accepted, rejected or needs_data, by an operator; empty: none',
    text String COMMENT 'What was written, without personal data; empty: it was blotted out',
    events Array(String) COMMENT 'Identifiers of the events that correct what was objected to',
    dossier String COMMENT 'As in objections: so what was written of a dossier is erased with it',
    version UInt64 COMMENT 'Microseconds since 1970 of the write'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (agency, objection, at, id)
COMMENT 'What was written about objections, the reason first';
