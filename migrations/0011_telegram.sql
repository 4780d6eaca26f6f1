-- What people told the bot, until it has been acted upon. Of an update that is done only the number stays, two
-- days, so that it is not taken twice.
CREATE TABLE telegram_updates (
    update_id    BIGINT PRIMARY KEY,
    chat_id      BIGINT,                -- NULL when done
    payload      TEXT,                  -- JSON; NULL when done
    attempts     BIGINT NOT NULL DEFAULT 0,
    due_at       BIGINT NOT NULL,
    received_at  BIGINT NOT NULL
);
CREATE INDEX telegram_updates_waiting ON telegram_updates (chat_id, update_id);

-- What a chat is about. A private chat has the number of its user.
CREATE TABLE telegram_chats (
    chat_id           BIGINT PRIMARY KEY,
    language          TEXT,             -- if it was chosen
    handoff_id        TEXT,             -- pictures go there
    photo_session_id  TEXT,             -- selfies are searched with there
    consents          TEXT NOT NULL,    -- JSON: [photo session, consent], …
    expires_at        BIGINT NOT NULL
);
CREATE INDEX telegram_chats_expiry ON telegram_chats (expires_at);
CREATE INDEX telegram_chats_session ON telegram_chats (photo_session_id);

-- Who waits for the results of a hand-off session.
CREATE TABLE telegram_handoffs (
    handoff_id  TEXT NOT NULL,
    chat_id     BIGINT NOT NULL,
    sent        TEXT NOT NULL,          -- JSON list of the results that are on their way or there
    expires_at  BIGINT NOT NULL,
    PRIMARY KEY (handoff_id, chat_id)
);

-- What the bot has to say; a row goes when it has been said.
CREATE TABLE telegram_messages (
    id          TEXT PRIMARY KEY,       -- UUIDv7: a chat's messages go out in this order
    chat_id     BIGINT NOT NULL,
    payload     TEXT NOT NULL,          -- JSON
    attempts    BIGINT NOT NULL DEFAULT 0,
    due_at      BIGINT NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX telegram_messages_waiting ON telegram_messages (chat_id, id);
