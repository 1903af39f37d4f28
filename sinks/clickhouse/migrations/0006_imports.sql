-- Imports of files: what each did, what it refused; what was odd in senders' records and is visible only there.

CREATE TABLE IF NOT EXISTS imports
(
    id String COMMENT 'Identifier of the import',
    agency LowCardinality(String) COMMENT 'Level-1 code of the agency that reported',
    source LowCardinality(String) COMMENT 'CloudEvents source of its events',
    format LowCardinality(String) COMMENT 'Format of the files, e.g. dossier-sync or csv',
    kind LowCardinality(String) COMMENT 'dossiers, procedures or declarations',
    files Array(String) COMMENT 'Names of the files, without their folders',
    digests Array(String) COMMENT 'SHA-256 of each file, in hex',
    as_of DateTime64(6, 'UTC') COMMENT 'Time of its events; of several files the greatest',
    imported_at DateTime64(3, 'UTC') COMMENT 'When it ended',
    newest Nullable(DateTime64(6, 'UTC')) COMMENT 'Newest moment that any row tells of; null: not looked at',
    rows UInt64 COMMENT 'Rows read',
    sent UInt64 COMMENT 'Rows sent as events',
    refused UInt64 COMMENT 'Rows refused',
    new Nullable(UInt64) COMMENT 'Rows of dossiers that were not known; null: not compared',
    changed Nullable(UInt64) COMMENT 'Rows that changed a dossier',
    unchanged Nullable(UInt64) COMMENT 'Rows that changed nothing',
    version UInt64 COMMENT 'Milliseconds since 1970 of the write'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (agency, imported_at, id)
COMMENT 'Imports of files, with what each did';

CREATE TABLE IF NOT EXISTS import_refusals
(
    import String COMMENT 'Identifier of the import',
    agency LowCardinality(String) COMMENT 'Level-1 code of the agency that reported',
    number UInt32 COMMENT 'Order in which the causes were met',
    column String COMMENT 'Column of the file; empty: the row as a whole',
    reason String COMMENT 'The form that was expected; never the value',
    rows UInt64 COMMENT 'Rows refused for it',
    examples Array(String) COMMENT 'Places of the first of them: file, line, record',
    version UInt64 COMMENT 'Milliseconds since 1970 of the write'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (agency, import, number)
COMMENT 'Why imports refused rows, alike reasons together';

CREATE TABLE IF NOT EXISTS notices
(
    agency LowCardinality(String) COMMENT 'Level-1 code in the dossier code',
    dossier String COMMENT 'Dossier code',
    source LowCardinality(String) COMMENT 'CloudEvents source of the record',
    notice LowCardinality(String) COMMENT 'What was odd, e.g. result_is_input or placeholder_identity',
    seen_at DateTime64(3, 'UTC') COMMENT 'When it was last seen'
)
ENGINE = ReplacingMergeTree(seen_at)
ORDER BY (agency, dossier, source, notice)
COMMENT 'What was odd in records and is visible only there, recorded when seen';

CREATE VIEW IF NOT EXISTS sender_warnings
(
    agency LowCardinality(String) COMMENT 'Level-1 code in the dossier code',
    dossier String COMMENT 'Dossier code',
    warning LowCardinality(String) COMMENT 'finished_without_date, duplicate_suspect, receipt_moves, or a notice recorded when seen, as result_is_input'
)
AS
SELECT agency, dossier, 'finished_without_date' AS warning
FROM dossiers FINAL
WHERE status = 9 AND isNull(resolved_at) AND NOT removed
UNION ALL
SELECT agency, arrayJoin(codes) AS dossier, 'duplicate_suspect' AS warning
FROM
(
    SELECT agency, groupArray(dossier) AS codes
    FROM dossiers FINAL
    WHERE isNotNull(received_at) AND procedure != '' AND NOT removed
        AND formatDateTime(assumeNotNull(received_at), '%H:%i:%S', 'Asia/Ho_Chi_Minh') != '00:00:00'
    GROUP BY agency, procedure, unit, received_at, submitted_at, due_at, resolved_at, returned_at
    HAVING count() > 1
)
UNION ALL
SELECT agency, subject AS dossier, 'receipt_moves' AS warning
FROM events FINAL
WHERE type = 'dossier' AND JSONExtractInt(data, 'received_at') > 0
GROUP BY agency, subject, source
HAVING uniqExact(JSONExtractInt(data, 'received_at')) > 1
UNION ALL
SELECT agency, dossier, notice AS warning
FROM notices FINAL
WHERE notice != 'finished_without_date'
COMMENT 'What is odd in what senders report of a dossier: visible in its present state, in its events, or recorded when seen';
