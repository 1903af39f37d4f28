-- Who may come in, and who did. Of tokens and sessions only digests are stored.

CREATE TABLE IF NOT EXISTS tokens
(
    id String COMMENT 'Identifier of the token, which may be shown',
    hash String COMMENT 'SHA-256 of the token, in hex; the token itself is stored nowhere',
    name String COMMENT 'Name given when it was made',
    agency LowCardinality(String) COMMENT 'Level-1 code of the agency that it stands for; empty: an operator',
    scopes LowCardinality(String) COMMENT 'What it allows, with commas: admin, dossiers:read, events:write, rates:read',
    made_at DateTime64(3, 'UTC') COMMENT 'When it was made',
    expires_at Nullable(DateTime64(3, 'UTC')) COMMENT 'From when on it opens nothing; null: it does not expire',
    revoked_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it was revoked; null: it was not',
    version UInt64 COMMENT 'Milliseconds since 1970 of the write'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
COMMENT 'Tokens of agencies and operators';

CREATE TABLE IF NOT EXISTS token_uses
(
    id String COMMENT 'Identifier of the token',
    used_at DateTime64(3, 'UTC') COMMENT 'When it was last used, to the minute'
)
ENGINE = ReplacingMergeTree(used_at)
ORDER BY id
COMMENT 'When each token was last used';

CREATE TABLE IF NOT EXISTS sessions
(
    hash String COMMENT 'SHA-256 of what the browser holds, in hex',
    token String COMMENT 'Identifier of the token that was signed in with; empty: signed in elsewhere',
    name String COMMENT 'Name of the token, or that of the sign-in elsewhere',
    agency LowCardinality(String) COMMENT 'Level-1 code of the agency that it stands for; empty: an operator',
    scopes LowCardinality(String) COMMENT 'What it allows, with commas',
    csrf String COMMENT 'What a form must send back',
    began_at DateTime64(3, 'UTC') COMMENT 'When it was signed in',
    made_at DateTime64(3, 'UTC') COMMENT 'When this secret of the session was made',
    seen_at DateTime64(3, 'UTC') COMMENT 'When it was last used, to the minute',
    ended_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When this secret ends or ended; null: it does not yet',
    version UInt64 COMMENT 'Milliseconds since 1970 of the write'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY hash
TTL toDateTime(began_at) + INTERVAL 2 DAY
COMMENT 'Sessions of signed-in browsers; removed two days after they began';

CREATE TABLE IF NOT EXISTS access_record
(
    at DateTime64(3, 'UTC') COMMENT 'When it happened; of refusals that are alike, the last of the minute',
    id String COMMENT 'Tells apart what happened in one moment',
    what LowCardinality(String) COMMENT 'sign_in, sign_out, token_made, token_revoked, refused or exported',
    agency LowCardinality(String) COMMENT 'Agency concerned: that of the caller or of the token; empty: none',
    token String COMMENT 'Identifier of the token concerned; empty: none',
    name String COMMENT 'Name of that token or sign-in',
    route LowCardinality(String) COMMENT 'Route asked, e.g. /v1/dossiers; empty: a command',
    reason LowCardinality(String) COMMENT 'Of a refusal: unauthenticated, forbidden, …',
    times UInt32 COMMENT 'How often it happened; above 1 for refusals that are alike'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (at, id)
TTL toDateTime(at) + INTERVAL 400 DAY
COMMENT 'Sign-ins, tokens made and revoked, refusals, exports; kept 400 days';
