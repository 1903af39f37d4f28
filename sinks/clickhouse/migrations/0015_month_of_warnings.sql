-- The warnings of one dossier are asked for with its month: of the partitions of `dossiers` one is merged, not all.

CREATE OR REPLACE VIEW warnings
(
    agency LowCardinality(String) COMMENT 'Level-1 code in the dossier code',
    dossier String COMMENT 'Dossier code',
    warning LowCardinality(String) COMMENT 'resolved_before_received, received_before_submitted, code_date_differs, status_without_date, date_in_future, not_in_catalogue, looks_personal or conflict',
    month UInt32 COMMENT 'Month of the date in the dossier code, as YYYYMM: the partition of `dossiers` that holds it'
)
AS
SELECT agency, dossier, warning, month
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
        ])) AS warning,
        d.month AS month
    FROM (SELECT * FROM dossiers FINAL) AS d
    LEFT JOIN
    (
        SELECT agency, procedure, count() AS entries, min(valid_from) AS since
        FROM procedures FINAL
        GROUP BY agency, procedure
    ) AS c ON c.agency = d.agency AND c.procedure = d.procedure
    UNION ALL
    SELECT agency, subject AS dossier, 'conflict' AS warning,
        toUInt32(200000 + intDiv(toUInt32OrZero(right(splitByChar('-', subject)[2], 6)), 100)) AS month
    FROM conflicts FINAL
    WHERE type = 'dossier'
    GROUP BY agency, subject
)
COMMENT 'Odd but countable data of every dossier, as it is now';
