-- Dossiers that were erased on request: what still speaks of one, in the topic or in a backup, is passed over.

CREATE TABLE IF NOT EXISTS erased
(
    agency LowCardinality(String) COMMENT 'Level-1 code in the dossier code',
    digest String COMMENT 'SHA-256 of the dossier code, hexadecimal: who guesses a code can tell that it was erased, nothing else',
    erased_at DateTime64(3, 'UTC') COMMENT 'When it was asked for last'
)
ENGINE = ReplacingMergeTree(erased_at)
ORDER BY (agency, digest)
COMMENT 'Dossiers erased on request: no event of theirs counts again, no restored backup brings them back';
