-- Accounts. Secrets (passwords, refresh tokens, keys, codes) are kept by hash only.

CREATE TABLE users (
    id             TEXT PRIMARY KEY,
    email          TEXT UNIQUE,          -- lower case
    phone          TEXT UNIQUE,          -- E.164
    name           TEXT NOT NULL,
    role           TEXT NOT NULL,
    password_hash  TEXT NOT NULL,        -- PHC string, Argon2id
    disabled       BIGINT NOT NULL DEFAULT 0,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
);

CREATE TABLE studio_members (
    studio_id  TEXT NOT NULL REFERENCES studios (id) ON DELETE CASCADE,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (studio_id, user_id)
);
CREATE INDEX studio_members_user ON studio_members (user_id);

CREATE TABLE setup_links (
    token_hash  TEXT PRIMARY KEY,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);

-- One signed-in device. Ended ones are deleted; what happened stays in sign_ins.
CREATE TABLE device_sessions (
    id                TEXT PRIMARY KEY,
    user_id           TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    csrf              TEXT NOT NULL,
    ip                TEXT NOT NULL,
    user_agent        TEXT NOT NULL,
    device            TEXT NOT NULL,
    os                TEXT,
    browser           TEXT,
    location          TEXT,
    created_at        BIGINT NOT NULL,
    last_activity_at  BIGINT NOT NULL,
    expires_at        BIGINT NOT NULL
);
CREATE INDEX device_sessions_user ON device_sessions (user_id, last_activity_at);
CREATE INDEX device_sessions_expiry ON device_sessions (expires_at);

-- The family of one device: exactly one unused token; a used one that comes again ends the device.
CREATE TABLE refresh_tokens (
    token_hash         TEXT PRIMARY KEY,
    device_session_id  TEXT NOT NULL REFERENCES device_sessions (id) ON DELETE CASCADE,
    created_at         BIGINT NOT NULL,
    used_at            BIGINT
);
CREATE INDEX refresh_tokens_device ON refresh_tokens (device_session_id);

CREATE TABLE sign_ins (
    id        TEXT PRIMARY KEY,
    user_id   TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    at        BIGINT NOT NULL,
    success   BIGINT NOT NULL,
    reason    TEXT,                      -- of a failure
    method    TEXT NOT NULL,             -- password | qr | setup
    ip        TEXT NOT NULL,
    device    TEXT NOT NULL,
    os        TEXT,
    browser   TEXT,
    location  TEXT
);
CREATE INDEX sign_ins_user ON sign_ins (user_id, id);

CREATE TABLE api_keys (
    id            TEXT PRIMARY KEY,
    user_id       TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name          TEXT NOT NULL,
    prefix        TEXT NOT NULL,         -- first characters, to recognise it by
    key_hash      TEXT NOT NULL UNIQUE,
    scopes        TEXT NOT NULL,         -- separated by spaces
    created_at    BIGINT NOT NULL,
    last_used_at  BIGINT
);
CREATE INDEX api_keys_user ON api_keys (user_id);

-- The picture shows the scan code; only who asked knows the code that is polled.
CREATE TABLE qr_logins (
    poll_hash   TEXT PRIMARY KEY,
    scan_hash   TEXT NOT NULL UNIQUE,
    state       TEXT NOT NULL,           -- pending | confirmed | rejected | spent
    user_id     TEXT REFERENCES users (id) ON DELETE CASCADE,
    ip          TEXT NOT NULL,
    device      TEXT NOT NULL,
    os          TEXT,
    browser     TEXT,
    location    TEXT,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX qr_logins_expiry ON qr_logins (expires_at);
