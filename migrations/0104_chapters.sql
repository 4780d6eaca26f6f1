-- Parts of a session's day, in the photographer's order. No foreign key to sessions: a session may live in the studio's
-- own database.
CREATE TABLE chapters (
    id                TEXT PRIMARY KEY,
    photo_session_id  TEXT NOT NULL,
    place             BIGINT NOT NULL,
    name              TEXT NOT NULL,
    starts_at         BIGINT              -- by the session's clock, as microseconds; NULL: only photos put there by hand
);
CREATE INDEX chapters_of_session ON chapters (photo_session_id, place);

-- The chapter that a photo was put into by hand; NULL: the time of the shot decides.
ALTER TABLE photos ADD COLUMN chapter_id TEXT;
