-- News on their way to browsers and to chats of the bot; gone when they are there, or with the news that they are of.
CREATE TABLE news_messages (
    id          TEXT PRIMARY KEY,
    news_id     TEXT NOT NULL REFERENCES news (id) ON DELETE CASCADE,
    channel     TEXT NOT NULL,           -- push | telegram
    photos      TEXT NOT NULL,           -- JSON, ids; none in the last one
    attempts    BIGINT NOT NULL DEFAULT 0,
    due_at      BIGINT NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX news_messages_due ON news_messages (channel, due_at, id);
CREATE INDEX news_messages_of_news ON news_messages (news_id);
