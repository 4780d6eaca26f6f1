-- Who works in a studio, and until when; who is invited; who takes part in a session beside its photographer.
ALTER TABLE studio_members ADD COLUMN ends_at BIGINT;

CREATE TABLE invitations (
    id            TEXT PRIMARY KEY,
    token_hash    TEXT NOT NULL UNIQUE,
    studio_id     TEXT NOT NULL REFERENCES studios (id) ON DELETE CASCADE,
    email         TEXT,              -- where it was mailed, if it was
    role          TEXT NOT NULL,
    member_until  BIGINT,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL
);
CREATE INDEX invitations_studio ON invitations (studio_id, created_at);
CREATE INDEX invitations_expiry ON invitations (expires_at);

-- No foreign key to sessions: a session may live in the studio's own database.
CREATE TABLE session_photographers (
    photo_session_id  TEXT NOT NULL,
    user_id           TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (photo_session_id, user_id)
);
CREATE INDEX session_photographers_user ON session_photographers (user_id);
