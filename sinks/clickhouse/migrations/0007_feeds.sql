-- Which ways a source's reports come, where they are not events of its own making.

CREATE TABLE IF NOT EXISTS feeds
(
    agency LowCardinality(String) COMMENT 'Level-1 code of the source',
    source LowCardinality(String) COMMENT 'CloudEvents source, /agencies/{code} or /agencies/{code}/{system}',
    feed LowCardinality(String) COMMENT 'push: tracking messages; sync: dossier-sync records over HTTP; file: imports of files',
    seen_at DateTime64(3, 'UTC') COMMENT 'When it was noted, at least once in the life of each process that takes it'
)
ENGINE = ReplacingMergeTree(seen_at)
ORDER BY (agency, source, feed)
COMMENT 'Ways in which sources report; a source that is not here sends events';
