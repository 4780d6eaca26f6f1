-- The studio's side: what its cards look like, requests that must not run twice, photos being deleted.

CREATE TABLE studio_branding (
    studio_id   TEXT PRIMARY KEY REFERENCES studios (id) ON DELETE CASCADE,
    colour      TEXT NOT NULL,           -- #rrggbb
    logo        TEXT,                    -- PNG, base64
    updated_at  BIGINT NOT NULL
);

CREATE INDEX photo_sessions_studio ON photo_sessions (studio_id, id);

-- The first answer to each Idempotency-Key; written with the rows that the request made.
CREATE TABLE answered_requests (
    caller      TEXT NOT NULL,
    operation   TEXT NOT NULL,
    key         TEXT NOT NULL,
    body        TEXT NOT NULL,           -- SHA-256, hex
    answer      TEXT NOT NULL,           -- JSON
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (caller, operation, key)
);
CREATE INDEX answered_requests_age ON answered_requests (created_at);

-- Deleted photos whose vectors and files are still to be removed.
CREATE TABLE erasures (
    photo_id          TEXT PRIMARY KEY,
    photo_session_id  TEXT NOT NULL,
    faces             TEXT NOT NULL,     -- ids, JSON
    due_at            BIGINT NOT NULL
);
CREATE INDEX erasures_due ON erasures (due_at);
