-- The second step of signing in.
CREATE TABLE authenticators (
    user_id     TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    secret      TEXT NOT NULL,        -- sealed with a key of the data directory
    confirmed   BIGINT NOT NULL,      -- 1 once a code has proved that the app has it
    last_step   BIGINT NOT NULL,      -- of the last code that was used; none counts twice
    created_at  BIGINT NOT NULL
);

-- Each works once, and is deleted by that.
CREATE TABLE recovery_codes (
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    code_hash  TEXT NOT NULL,
    PRIMARY KEY (user_id, code_hash)
);

CREATE TABLE passkeys (
    id             TEXT PRIMARY KEY,
    user_id        TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name           TEXT NOT NULL,
    credential_id  TEXT NOT NULL UNIQUE,   -- base64url
    public_key     TEXT NOT NULL,          -- COSE, base64url
    sign_count     BIGINT NOT NULL,
    created_at     BIGINT NOT NULL,
    last_used_at   BIGINT
);
CREATE INDEX passkeys_user ON passkeys (user_id, created_at);

-- What a browser is to sign next. Each is answered once.
CREATE TABLE passkey_challenges (
    challenge_hash  TEXT PRIMARY KEY,
    user_id         TEXT REFERENCES users (id) ON DELETE CASCADE,   -- who registers, or has given their password
    registers       BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL
);
CREATE INDEX passkey_challenges_expiry ON passkey_challenges (expires_at);
