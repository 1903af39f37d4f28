-- Rates by who settles a dossier: a table of its own, so that the keys of the others stay as they are.

CREATE TABLE IF NOT EXISTS settled
(
    agency LowCardinality(String) COMMENT 'Level-1 code in the dossier codes, whose stream the row comes from',
    settler LowCardinality(String) COMMENT 'Level-1 code of another agency, which settles these dossiers',
    metric LowCardinality(String) COMMENT 'Metric, e.g. online_submission; supply metrics count no dossiers',
    definition LowCardinality(String) COMMENT 'Definition of the metric, e.g. channel',
    period LowCardinality(String) COMMENT 'day, month, quarter or year in Asia/Ho_Chi_Minh',
    start Date COMMENT 'First day of the period',
    numerator UInt64 COMMENT 'Of the numerator in rates: the dossiers that the settler settles',
    denominator UInt64 COMMENT 'Of the denominator in rates: the dossiers that the settler settles',
    version UInt128 COMMENT 'Place in the log of the write that stored the row',
    is_deleted UInt8 COMMENT '1: no dossier is left in the denominator'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (agency, settler, period, start, metric, definition)
COMMENT 'The part of each rate that another agency settles: under counted_for=settled it is taken from the agency and given to the settler';
