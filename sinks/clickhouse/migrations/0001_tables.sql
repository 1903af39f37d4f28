-- The tables of the monitor. Every row is absolute, never an increment: of two rows with the same key the one
-- with the greater version holds, so read with FINAL. The version is a place in the log: the broker's append time
-- of the newest message folded, then its offset; it grows strictly with every write of one agency.

CREATE TABLE IF NOT EXISTS events
(
    agency LowCardinality(String) COMMENT 'Level-1 code of the agency that the event counts for: the Kafka key',
    type LowCardinality(String) COMMENT 'dossier, procedure or declaration; heartbeats are not stored here',
    subject String COMMENT 'Dossier code, procedure code, or the declared day YYYY-MM-DD',
    time DateTime64(6, 'UTC') COMMENT 'When the reporting system made the change; first part of the order of writers',
    id String COMMENT 'Identifier given by the sender; second part of the order of writers',
    source LowCardinality(String) COMMENT 'CloudEvents source, /agencies/{code} or /agencies/{code}/{system}',
    data String COMMENT 'JSON object of the normalised fields; instants as integer microseconds since 1970 UTC, dates as YYYY-MM-DD, null where cleared' CODEC(ZSTD(1)),
    arrived_at DateTime64(3, 'UTC') COMMENT 'Append time given by the broker; an event is judged by it',
    topic_id LowCardinality(String) COMMENT 'Identity of the Kafka topic, which changes when the topic is created anew',
    partition UInt32 COMMENT 'Kafka partition of the message',
    offset UInt64 COMMENT 'Kafka offset of the message',
    `index` UInt16 COMMENT 'Place of the event in a batch message; 0 for a single event',
    version UInt128 COMMENT 'Place in the log of the write that stored the row'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(arrived_at)
ORDER BY (agency, subject, type, time, id, arrived_at, partition, offset, `index`)
COMMENT 'Every accepted dossier, procedure and declaration event, as it was normalised';

CREATE TABLE IF NOT EXISTS dossiers
(
    agency LowCardinality(String) COMMENT 'Level-1 code in the dossier code',
    dossier String COMMENT 'Dossier code',
    month UInt32 COMMENT 'YYYYMM of the date in the dossier code; it never changes, so FINAL works inside a partition',
    procedure String COMMENT 'Procedure code without suffix; empty: not known',
    unit String COMMENT 'Agency identifier of the handling unit; empty: not known',
    channel LowCardinality(String) COMMENT 'direct, online or postal; empty: not known, which is not online',
    status UInt8 COMMENT 'Status 1 to 10; 0: not known',
    submitted_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When the dossier was submitted',
    received_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When the dossier was received; its day in Asia/Ho_Chi_Minh is the day of receipt',
    due_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When the result is due',
    resolved_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When handling ended; its day in Asia/Ho_Chi_Minh is the day of resolution',
    returned_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When the result was returned',
    electronic_result Bool COMMENT 'An electronic result is issued and linked',
    result_signed Bool COMMENT 'The electronic result is signed',
    identified Bool COMMENT 'A personal identifier is attached; the identifier itself is never stored',
    fee_due Bool COMMENT 'A fee is due',
    paid_online Bool COMMENT 'The fee was paid online',
    removed Bool COMMENT 'Entered by mistake; counts nowhere while true',
    signature UInt16 COMMENT 'Facts as bits: 0 online, 1 electronic result, 2 reused, 3 digitised, 4 identified, 5 fee due, 6 paid online, 7 has a due date, 8 on time',
    registers String COMMENT 'JSON list of [time in microseconds, id, {field: value}] by writer: every register with who wrote it last, null where it was cleared' CODEC(ZSTD(1)),
    version UInt128 COMMENT 'Place in the log of the newest message folded into the row',
    components String ALIAS arrayStringConcat(arrayMap(written -> JSONExtractRaw(written, 3, 'components'), JSONExtractArrayRaw(registers))) COMMENT 'JSON list of the components; empty or null: not known'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY month
ORDER BY (agency, dossier)
COMMENT 'The present state of every dossier, with the registers it is made of';

CREATE TABLE IF NOT EXISTS procedures
(
    agency LowCardinality(String) COMMENT 'Level-1 code of the agency whose catalogue it is',
    procedure String COMMENT 'Procedure code without suffix',
    valid_from Date COMMENT 'First day on which the entry holds; 1970-01-01 when the sender gave none',
    service_level LowCardinality(String) COMMENT 'full, partial or none',
    eligible_full_online Bool COMMENT 'The procedure is eligible for full online service',
    result_required Bool COMMENT 'The procedure ends in a result document',
    fee_bearing Bool COMMENT 'The procedure bears a fee',
    published Bool COMMENT 'The service is published',
    name String COMMENT 'Name of the procedure; empty: not known' CODEC(ZSTD(1)),
    registers String COMMENT 'JSON list of [time in microseconds, id, {field: value}] by writer: every register with who wrote it last, null where it was cleared' CODEC(ZSTD(1)),
    version UInt128 COMMENT 'Place in the log of the newest message folded into the row'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (agency, procedure, valid_from)
COMMENT 'Catalogue entries of every agency; the columns hold the values in effect, the defaults of the contract applied';

CREATE TABLE IF NOT EXISTS declarations
(
    agency LowCardinality(String) COMMENT 'Level-1 code of the declaring agency',
    day Date COMMENT 'The declared day in Asia/Ho_Chi_Minh',
    received Nullable(UInt32) COMMENT 'Dossiers that the agency says it received on the day; null: nothing declared',
    resolved Nullable(UInt32) COMMENT 'Dossiers that the agency says it resolved on the day; null: nothing declared',
    registers String COMMENT 'JSON list of [time in microseconds, id, {field: value}] by writer: every register with who wrote it last, null where it was cleared' CODEC(ZSTD(1)),
    version UInt128 COMMENT 'Place in the log of the newest message folded into the row'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (agency, day)
COMMENT 'What the agencies say they handled, by day: the measure of coverage';

CREATE TABLE IF NOT EXISTS tallies
(
    agency LowCardinality(String) COMMENT 'Level-1 code of the agency',
    procedure String COMMENT 'Procedure code without suffix; empty: not known',
    attribution Enum8('receipt' = 1, 'resolution' = 2) COMMENT 'Whether the day is the day of receipt or of resolution',
    day Date COMMENT 'Day of receipt or of resolution in Asia/Ho_Chi_Minh',
    signature UInt16 COMMENT 'Facts as bits, as in dossiers.signature; receipt cells hold bits 0 to 6, resolution cells bits 0, 1, 7 and 8',
    dossiers UInt32 COMMENT 'Number of dossiers in the cell',
    version UInt128 COMMENT 'Place in the log of the write that stored the row',
    is_deleted UInt8 COMMENT '1: the cell has become empty'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (agency, procedure, attribution, day, signature)
COMMENT 'The cells: every received dossier counts 1 in one receipt cell, every resolved one 1 in one resolution cell';

CREATE TABLE IF NOT EXISTS rates
(
    agency LowCardinality(String) COMMENT 'Level-1 code of the agency, as it reported',
    metric LowCardinality(String) COMMENT 'Metric, e.g. online_submission',
    definition LowCardinality(String) COMMENT 'Definition of the metric, e.g. channel',
    period LowCardinality(String) COMMENT 'day, month, quarter or year in Asia/Ho_Chi_Minh',
    start Date COMMENT 'First day of the period',
    numerator UInt64 COMMENT 'Dossiers (supply: procedures) of the numerator',
    denominator UInt64 COMMENT 'Dossiers (supply: procedures) of the denominator',
    counted UInt64 COMMENT 'Dossiers counted here on the days with a declaration; 0 for supply',
    declared UInt64 COMMENT 'Dossiers declared for those days; 0 for supply',
    version UInt128 COMMENT 'Place in the log of the write that stored the row',
    is_deleted UInt8 COMMENT '1: the rate no longer exists',
    rate Nullable(Float64) ALIAS if(denominator = 0, NULL, numerator / denominator) COMMENT 'numerator / denominator, unrounded; null without a denominator',
    coverage Nullable(Float64) ALIAS if(declared = 0, NULL, counted / declared) COMMENT 'counted / declared, unrounded; null when nothing or 0 is declared'
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (agency, period, start, metric, definition)
COMMENT 'Every rate of every agency as it is now, for day, month, quarter and year';

CREATE TABLE IF NOT EXISTS rate_history
(
    agency LowCardinality(String) COMMENT 'Level-1 code of the agency, as it reported',
    metric LowCardinality(String) COMMENT 'Metric, e.g. online_submission',
    definition LowCardinality(String) COMMENT 'Definition of the metric, e.g. channel',
    period LowCardinality(String) COMMENT 'day, month, quarter or year in Asia/Ho_Chi_Minh',
    start Date COMMENT 'First day of the period',
    shown_at DateTime64(3, 'UTC') COMMENT 'From this minute on the rate was shown so; of several changes in a minute the last',
    numerator UInt64 COMMENT 'Numerator shown from then on',
    denominator UInt64 COMMENT 'Denominator shown from then on',
    counted UInt64 COMMENT 'Dossiers counted on the days with a declaration, from then on',
    declared UInt64 COMMENT 'Dossiers declared for those days, from then on',
    is_deleted UInt8 COMMENT '1: from this moment on the rate did not exist',
    version UInt128 COMMENT 'Place in the log of the write that stored the row'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(shown_at)
ORDER BY (agency, metric, definition, period, start, shown_at)
COMMENT 'What was shown when: a row for each change of a rate';

CREATE TABLE IF NOT EXISTS commits
(
    agency LowCardinality(String) COMMENT 'Level-1 code of the agency',
    version UInt128 COMMENT 'Version of the last complete write of the agency; a row elsewhere with a greater one belongs to a write under way',
    topic_id LowCardinality(String) COMMENT 'Identity of the Kafka topic read',
    partition UInt32 COMMENT 'Kafka partition of the agency',
    next_offset UInt64 COMMENT 'First offset of the partition that is not in the tables',
    as_of DateTime64(6, 'UTC') COMMENT 'Greatest time of the accepted dossier, procedure and declaration events; 1970-01-01: none',
    written_at DateTime64(3, 'UTC') COMMENT 'When the write was made',
    today Date DEFAULT toDate(written_at, 'Asia/Ho_Chi_Minh') COMMENT 'The day in Asia/Ho_Chi_Minh that the supply rates of the current periods were stated for'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY agency
COMMENT 'How far each agency is written; the last insert of every write';

CREATE TABLE IF NOT EXISTS positions
(
    topic_id LowCardinality(String) COMMENT 'Identity of the Kafka topic',
    partition UInt32 COMMENT 'Kafka partition',
    next_offset UInt64 COMMENT 'First offset that is not in the tables',
    written_at DateTime64(3, 'UTC') COMMENT 'When the row was written'
)
ENGINE = ReplacingMergeTree(next_offset)
ORDER BY (topic_id, partition)
COMMENT 'How far each partition is written';

CREATE TABLE IF NOT EXISTS sources
(
    agency LowCardinality(String) COMMENT 'Level-1 code of the agency that the events count for: the Kafka key',
    source LowCardinality(String) COMMENT 'CloudEvents source, /agencies/{code} or /agencies/{code}/{system}',
    last_time DateTime64(6, 'UTC') COMMENT 'Greatest time of its accepted events, heartbeats included',
    last_arrival DateTime64(3, 'UTC') COMMENT 'When the last of its accepted events arrived, heartbeats included',
    version UInt128 COMMENT 'Place in the log of the write that stored the row'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (agency, source)
COMMENT 'When each source was last seen';

CREATE TABLE IF NOT EXISTS rejections
(
    agency LowCardinality(String) COMMENT 'Agency of the source if registered, else of the Kafka key; empty: neither',
    reason LowCardinality(String) COMMENT 'Why the event was refused, e.g. invalid',
    path String COMMENT 'The field concerned, relative to the event, e.g. $.data.channel',
    detail String COMMENT 'The form that was expected; never the value',
    id String COMMENT 'Identifier given by the sender; empty: none could be read',
    topic LowCardinality(String) COMMENT 'Kafka topic of the message',
    partition UInt32 COMMENT 'Kafka partition of the message',
    offset UInt64 COMMENT 'Kafka offset of the message',
    `index` Int32 COMMENT 'Place of the event in a batch message; 0 for a single event, -1 for a whole message',
    rejected_at DateTime64(3, 'UTC') COMMENT 'When the message arrived',
    version UInt128 COMMENT 'Place in the log of the write that stored the row'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(rejected_at)
ORDER BY (rejected_at, topic, partition, offset, `index`)
COMMENT 'Every refused event, without its bytes';

CREATE TABLE IF NOT EXISTS conflicts
(
    agency LowCardinality(String) COMMENT 'Level-1 code of the agency',
    type LowCardinality(String) COMMENT 'dossier, procedure or declaration',
    subject String COMMENT 'Dossier code, procedure code, or the declared day YYYY-MM-DD',
    field LowCardinality(String) COMMENT 'Field that two events set differently',
    time DateTime64(6, 'UTC') COMMENT 'Time that both events bear',
    id String COMMENT 'Identifier that both events bear',
    seen_at DateTime64(3, 'UTC') COMMENT 'When the conflict was seen',
    version UInt128 COMMENT 'Place in the log of the write that stored the row'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (agency, type, subject, field, time, id)
COMMENT 'Events with the same time and id but different values: a fault of the sender, recorded when seen';

CREATE TABLE IF NOT EXISTS agencies
(
    code LowCardinality(String) COMMENT 'Level-1 code',
    name String COMMENT 'Official name',
    kind LowCardinality(String) COMMENT 'ministry or locality',
    successor LowCardinality(String) COMMENT 'Code of the agency that took over; empty: none',
    valid_to Nullable(Date) COMMENT 'Last day of the agency; null: it exists',
    code_verified Bool COMMENT 'The code was read in a source',
    emc_connection_2024_04 LowCardinality(String) COMMENT 'Connection to the monitor in the report of 24/4/2024: not-full, or empty',
    version UInt64 COMMENT 'Milliseconds since 1970 of the load'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY code
COMMENT 'The agency registry, loaded from the data file of the program';

CREATE TABLE IF NOT EXISTS reported_figures
(
    metric LowCardinality(String) COMMENT 'Metric of the monitor that the figure stands beside',
    scope LowCardinality(String) COMMENT 'ministries, localities, national, or an agency code',
    value Float64 COMMENT 'The figure as published',
    unit LowCardinality(String) COMMENT 'Unit of the figure, e.g. percent',
    as_of Date COMMENT 'Day of the publication',
    source String COMMENT 'Where it was published',
    sentence String COMMENT 'The sentence that says it',
    note String COMMENT 'What is to be known about it',
    version UInt64 COMMENT 'Milliseconds since 1970 of the load'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (metric, scope, unit, as_of, source)
COMMENT 'Published figures to show beside the computed rates; observations, not truth';
