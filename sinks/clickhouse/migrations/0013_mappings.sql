-- Mappings of columns to fields, saved on a page under a name, to be used again.

CREATE TABLE IF NOT EXISTS mappings
(
    agency LowCardinality(String) COMMENT 'Level-1 code of the agency whose files it is for',
    kind LowCardinality(String) COMMENT 'What the rows are: dossiers, procedures or declarations',
    name String COMMENT 'What the agency calls it',
    keys String COMMENT 'The mapping as JSON, with the keys of its file',
    saved_at DateTime64(3, 'UTC') COMMENT 'When it was saved',
    version UInt64 COMMENT 'Milliseconds since 1970 of the write'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (agency, kind, name)
COMMENT 'Mappings of files, saved by agencies under names';
