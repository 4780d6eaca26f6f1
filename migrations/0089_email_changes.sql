-- A new e-mail address that waits until somebody follows the link which was mailed there. One for each user: the last.
CREATE TABLE email_changes (
    user_id     TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    token_hash  TEXT NOT NULL UNIQUE,
    email       TEXT NOT NULL,
    expires_at  BIGINT NOT NULL
);
