-- A photobooth and a phone that meet for half an hour. Gone with its pictures when the time is over.
CREATE TABLE handoffs (
    id                 TEXT PRIMARY KEY,   -- the secret that opens it
    kind               TEXT NOT NULL,      -- upload | download
    status             TEXT NOT NULL,      -- pending | ready | completed | expired
    by_key             BIGINT NOT NULL,    -- made with a booth's key
    studio_id          TEXT,               -- of that key
    telegram_user_id   BIGINT,
    telegram_username  TEXT,
    data               TEXT,               -- JSON of the booth's own
    created_at         BIGINT NOT NULL,
    expires_at         BIGINT NOT NULL
);
CREATE INDEX handoffs_expiry ON handoffs (expires_at);
CREATE INDEX handoffs_telegram ON handoffs (telegram_user_id);

CREATE TABLE handoff_photos (
    id                TEXT PRIMARY KEY,
    handoff_id        TEXT NOT NULL REFERENCES handoffs (id) ON DELETE CASCADE,
    photo_type        TEXT NOT NULL,       -- uploaded | result
    order_index       BIGINT NOT NULL,     -- from 0, of its type
    telegram_file_id  TEXT,
    once              TEXT,                -- what brought it; the same again brings no second picture
    bytes             BIGINT NOT NULL,
    created_at        BIGINT NOT NULL,
    UNIQUE (handoff_id, photo_type, order_index),
    UNIQUE (handoff_id, once)
);
