-- Warnings are facts of the present state, computed when read; only conflicts are recorded when they are seen.

CREATE VIEW IF NOT EXISTS warnings
(
    agency LowCardinality(String) COMMENT 'Level-1 code in the dossier code',
    dossier String COMMENT 'Dossier code',
    warning LowCardinality(String) COMMENT 'resolved_before_received, received_before_submitted, code_date_differs, status_without_date, date_in_future, not_in_catalogue or conflict'
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
                != 20000000 + toUInt32OrZero(splitByChar('-', d.dossier)[2]) AND isNotNull(d.received_at),
                'code_date_differs', ''),
            if((d.status = 2 OR d.status BETWEEN 4 AND 10) AND isNull(d.received_at), 'status_without_date', ''),
            if(d.received_at > now64(6) OR d.resolved_at > now64(6), 'date_in_future', ''),
            if(d.procedure != '' AND isNotNull(d.received_at)
                AND (c.entries = 0 OR c.since > toDate(assumeNotNull(d.received_at), 'Asia/Ho_Chi_Minh')),
                'not_in_catalogue', '')
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
