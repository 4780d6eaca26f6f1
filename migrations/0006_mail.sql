-- Mails on their way out; written with what causes them, gone when the mail server has taken them.
CREATE TABLE mails (
    id          TEXT PRIMARY KEY,        -- in the Message-ID of every attempt
    recipient   TEXT NOT NULL,
    subject     TEXT NOT NULL,
    body        TEXT NOT NULL,
    attempts    BIGINT NOT NULL DEFAULT 0,
    due_at      BIGINT NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX mails_due ON mails (due_at, id);
