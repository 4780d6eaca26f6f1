-- Notifications on their way to browsers; gone when the push service has them, or with the news that they are of.
CREATE TABLE pushes (
    id          TEXT PRIMARY KEY,
    news_id     TEXT NOT NULL REFERENCES news (id) ON DELETE CASCADE,
    photos      TEXT NOT NULL,           -- JSON, ids; none in the last one
    attempts    BIGINT NOT NULL DEFAULT 0,
    due_at      BIGINT NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX pushes_due ON pushes (due_at, id);
CREATE INDEX pushes_of_news ON pushes (news_id);
