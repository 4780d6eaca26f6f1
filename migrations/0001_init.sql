-- Portable between SQLite and PostgreSQL: ids and enums are TEXT, instants are BIGINT microseconds
-- since 1970 (UTC), flags are BIGINT 0/1, documents are JSON in TEXT.

CREATE TABLE studios (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    created_at  BIGINT NOT NULL
);

CREATE TABLE photo_sessions (
    id               TEXT PRIMARY KEY,
    name             TEXT NOT NULL,
    description      TEXT,
    studio_id        TEXT NOT NULL REFERENCES studios (id),
    photographer_id  TEXT,
    client_id        TEXT,
    status           TEXT NOT NULL,
    facepass_enabled BIGINT NOT NULL,
    settings         TEXT,
    scheduled_at     BIGINT,
    completed_at     BIGINT,
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL
);

-- No foreign key to photo_sessions: the session may live in the studio's own database.
CREATE TABLE photos (
    id                TEXT PRIMARY KEY,
    photo_session_id  TEXT NOT NULL,
    guest_id          TEXT,
    filename          TEXT NOT NULL,
    sha256            TEXT NOT NULL,
    bytes             BIGINT NOT NULL,
    media_type        TEXT NOT NULL,
    width             BIGINT NOT NULL,
    height            BIGINT NOT NULL,
    taken_at          BIGINT,           -- the camera's local clock, as if it were UTC
    is_selected       BIGINT NOT NULL DEFAULT 1,
    state             TEXT NOT NULL,
    reject_code       TEXT,
    thumbhash         BLOB,
    derivatives       TEXT NOT NULL DEFAULT '[]',
    faces             BIGINT NOT NULL DEFAULT 0,
    created_at        BIGINT NOT NULL,
    UNIQUE (photo_session_id, sha256)
);
-- The gallery's order: the time of the shot, or of upload where the camera did not say.
CREATE INDEX photos_gallery ON photos (photo_session_id, state, (COALESCE(taken_at, created_at)), id);

CREATE TABLE faces (
    id                TEXT PRIMARY KEY,
    photo_id          TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    photo_session_id  TEXT NOT NULL,
    number            BIGINT NOT NULL,
    model             TEXT NOT NULL,
    x                 DOUBLE PRECISION NOT NULL,
    y                 DOUBLE PRECISION NOT NULL,
    w                 DOUBLE PRECISION NOT NULL,
    h                 DOUBLE PRECISION NOT NULL,
    quality           DOUBLE PRECISION NOT NULL,
    embedding         BLOB NOT NULL,    -- f32 little endian, L2-normalised
    UNIQUE (photo_id, number, model)
);
CREATE INDEX faces_of_session ON faces (photo_session_id, model, id);

CREATE TABLE jobs (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    subject      TEXT NOT NULL,         -- id of what the job is about
    state        TEXT NOT NULL,         -- queued | failed (given up); done jobs are deleted
    attempts     BIGINT NOT NULL DEFAULT 0,
    run_after    BIGINT NOT NULL,
    lease_owner  TEXT,
    lease_until  BIGINT,
    last_error   TEXT,
    created_at   BIGINT NOT NULL
);
CREATE INDEX jobs_next ON jobs (kind, state, run_after, id);
CREATE INDEX jobs_subject ON jobs (subject);

CREATE TABLE consents (
    id                TEXT PRIMARY KEY,
    photo_session_id  TEXT NOT NULL,
    version           TEXT NOT NULL,    -- of the text that the guest agreed to
    language          TEXT NOT NULL,
    created_at        BIGINT NOT NULL
);
CREATE INDEX consents_session ON consents (photo_session_id);

-- What was asked, never with what: no selfie, no embedding, no address.
CREATE TABLE searches (
    id                TEXT PRIMARY KEY,
    photo_session_id  TEXT NOT NULL,
    consent_id        TEXT,
    matches           BIGINT NOT NULL,
    created_at        BIGINT NOT NULL
);
CREATE INDEX searches_session ON searches (photo_session_id);

CREATE TABLE usage_counters (
    photo_session_id  TEXT NOT NULL,
    hour              BIGINT NOT NULL,  -- start of the hour, microseconds
    kind              TEXT NOT NULL,    -- page_view | search | hit | empty | download
    n                 BIGINT NOT NULL,
    PRIMARY KEY (photo_session_id, hour, kind)
);
