-- Contract 1.1: who settles a dossier, what its sender claims of the service, dates of eight digits in codes;
-- names over time, and what a published figure was measured under and for.

ALTER TABLE dossiers ADD COLUMN IF NOT EXISTS settled_by String
    DEFAULT if(position(registers, '"settled_by"') = 0, '', arrayStringConcat(arrayMap(written -> JSONExtractString(written, 3, 'settled_by'), JSONExtractArrayRaw(registers))))
    COMMENT 'Agency identifier of the agency that settles it; empty: the agency in the code'
    AFTER removed;

ALTER TABLE dossiers ADD COLUMN IF NOT EXISTS claimed_level LowCardinality(String)
    DEFAULT if(position(registers, '"claimed_level"') = 0, '', arrayStringConcat(arrayMap(written -> JSONExtractString(written, 3, 'claimed_level'), JSONExtractArrayRaw(registers))))
    COMMENT 'What the sender claims of the service that was used: full, partial or none; empty: nothing'
    AFTER settled_by;

ALTER TABLE dossiers ADD COLUMN IF NOT EXISTS settler String
    ALIAS if(settled_by = '', agency, if(substring(settled_by, 1, 1) > '9', substring(settled_by, 1, 3), right(settled_by, 3)))
    COMMENT 'Level-1 code of the agency that it counts for under counted_for=settled';

ALTER TABLE dossiers COMMENT COLUMN IF EXISTS signature 'Facts as bits: 0 online, 1 electronic result, 2 reused, 3 digitised, 4 identified, 5 fee due, 6 paid online, 7 has a due date, 8 on time, 9 claimed full';

ALTER TABLE tallies COMMENT COLUMN IF EXISTS signature 'Facts as bits, as in dossiers.signature; receipt cells hold bits 0 to 6 and 9, resolution cells bits 0, 1, 7 and 8';

ALTER TABLE agencies ADD COLUMN IF NOT EXISTS former_name String DEFAULT ''
    COMMENT 'What it was called before; empty: it was not renamed' AFTER emc_connection_2024_04;

ALTER TABLE agencies ADD COLUMN IF NOT EXISTS renamed_on Nullable(Date) DEFAULT NULL
    COMMENT 'First day of its present name; null: it was not renamed' AFTER former_name;

ALTER TABLE agencies ADD COLUMN IF NOT EXISTS note String DEFAULT ''
    COMMENT 'What is to be known about it' AFTER renamed_on;

ALTER TABLE reported_figures ADD COLUMN IF NOT EXISTS definition LowCardinality(String) DEFAULT ''
    COMMENT 'Definition of the metric that the figure was measured under; empty: not published' AFTER note;

ALTER TABLE reported_figures ADD COLUMN IF NOT EXISTS period LowCardinality(String) DEFAULT ''
    COMMENT 'Kind of the period that the figure speaks of; empty: not published, or none of ours' AFTER definition;

ALTER TABLE reported_figures ADD COLUMN IF NOT EXISTS start Nullable(Date) DEFAULT NULL
    COMMENT 'First day of that period' AFTER period;

CREATE OR REPLACE VIEW warnings
(
    agency LowCardinality(String) COMMENT 'Level-1 code in the dossier code',
    dossier String COMMENT 'Dossier code',
    warning LowCardinality(String) COMMENT 'resolved_before_received, received_before_submitted, code_date_differs, status_without_date, date_in_future, not_in_catalogue, looks_personal or conflict'
)
AS
SELECT agency, dossier, warning
FROM
(
    SELECT
        d.agency AS agency,
        d.dossier AS dossier,
        arrayJoin(arrayFilter(name -> name != '', [
            if(d.resolved_at < d.received_at, 'resolved_before_received', ''),
            if(d.received_at < d.submitted_at, 'received_before_submitted', ''),
            if(toYYYYMMDD(assumeNotNull(d.received_at), 'Asia/Ho_Chi_Minh')
                != 20000000 + toUInt32OrZero(right(splitByChar('-', d.dossier)[2], 6)) AND isNotNull(d.received_at),
                'code_date_differs', ''),
            if((d.status = 2 OR d.status BETWEEN 4 AND 10) AND isNull(d.received_at), 'status_without_date', ''),
            if(d.received_at > now64(6) OR d.resolved_at > now64(6), 'date_in_future', ''),
            if(d.procedure != '' AND isNotNull(d.received_at)
                AND (c.entries = 0 OR c.since > toDate(assumeNotNull(d.received_at), 'Asia/Ho_Chi_Minh')),
                'not_in_catalogue', ''),
            if(length(splitByChar('-', d.dossier)[-1]) IN (9, 12)
                OR match(d.unit, '(^|[^0-9A-Za-z])([0-9]{9}|[0-9]{12})([^0-9A-Za-z]|$)')
                OR match(d.registers, '"(code|reuse_source)":"(([^"\\\\]|\\\\.)*([^0-9A-Za-z"\\\\]|\\\\["\\\\/]))?([0-9]{9}|[0-9]{12})[^0-9A-Za-z]'),
                'looks_personal', '')
        ])) AS warning
    FROM (SELECT * FROM dossiers FINAL) AS d
    LEFT JOIN
    (
        SELECT agency, procedure, count() AS entries, min(valid_from) AS since
        FROM procedures FINAL
        GROUP BY agency, procedure
    ) AS c ON c.agency = d.agency AND c.procedure = d.procedure
    UNION ALL
    SELECT agency, subject AS dossier, 'conflict' AS warning
    FROM conflicts FINAL
    WHERE type = 'dossier'
    GROUP BY agency, subject
)
COMMENT 'Odd but countable data of every dossier, as it is now';
