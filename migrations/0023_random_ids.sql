-- Ids that open something are random from now on and do not sort by time.
CREATE INDEX photo_sessions_newest ON photo_sessions (studio_id, created_at, id);
DROP INDEX photo_sessions_studio;

-- Hand-offs that were, by the hash of their ids: for a day they are told from those that never were.
CREATE TABLE handoffs_over (
    id_hash  TEXT PRIMARY KEY,
    over_at  BIGINT NOT NULL
);
CREATE INDEX handoffs_over_age ON handoffs_over (over_at);
