-- A file on its way in. How far it has come stands nowhere here: the length of its spooled file says it.
CREATE TABLE uploads (
    id                TEXT PRIMARY KEY,
    photo_session_id  TEXT NOT NULL,
    user_id           TEXT NOT NULL,    -- who began it; nobody else sees it
    photo_id          TEXT NOT NULL,    -- given at the beginning, so that storing twice stores once
    filename          TEXT NOT NULL,
    bytes             BIGINT NOT NULL,  -- when complete
    sha256            TEXT,             -- as the client promised
    guest_id          TEXT,
    is_selected       BIGINT NOT NULL,
    result            TEXT,             -- stored | duplicate | rejected; NULL while bytes are missing
    reject_code       TEXT,
    created_at        BIGINT NOT NULL,
    finished_at       BIGINT
);
CREATE INDEX uploads_age ON uploads (finished_at, created_at, id);
CREATE INDEX uploads_session ON uploads (photo_session_id);
CREATE INDEX uploads_photo ON uploads (photo_id);

-- Files that were sent and not taken, so that what was sent can be accounted for.
CREATE TABLE upload_rejections (
    id                TEXT PRIMARY KEY,
    photo_session_id  TEXT NOT NULL,
    filename          TEXT NOT NULL,
    sha256            TEXT NOT NULL,    -- '' where the file was refused unread
    bytes             BIGINT NOT NULL,
    code              TEXT NOT NULL,
    at                BIGINT NOT NULL,
    UNIQUE (photo_session_id, filename, sha256)
);
CREATE INDEX upload_rejections_age ON upload_rejections (photo_session_id, at, id);
CREATE INDEX upload_rejections_hash ON upload_rejections (photo_session_id, sha256);
