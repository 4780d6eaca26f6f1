-- Support tickets. What the desk keeps to itself (internal replies) never touches `updated_at`.

CREATE TABLE tickets (
    id           TEXT PRIMARY KEY,
    author_id    TEXT NOT NULL REFERENCES users (id),
    subject      TEXT NOT NULL,
    message      TEXT NOT NULL,
    priority     TEXT NOT NULL,          -- low | normal | high | urgent
    category     TEXT NOT NULL,          -- general | technical | billing | other
    status       TEXT NOT NULL,          -- open | in_progress | awaiting_reply | resolved | closed
    assigned_to  TEXT REFERENCES users (id),
    language     TEXT NOT NULL,          -- of the author's mails: ru | en
    closed_at    BIGINT,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);
CREATE INDEX tickets_activity ON tickets (updated_at, id);
CREATE INDEX tickets_author ON tickets (author_id, updated_at, id);
CREATE INDEX tickets_assigned ON tickets (assigned_to, updated_at, id);

CREATE TABLE ticket_replies (
    id           TEXT PRIMARY KEY,
    ticket_id    TEXT NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    author_id    TEXT NOT NULL REFERENCES users (id),
    message      TEXT NOT NULL,
    is_internal  BIGINT NOT NULL,
    created_at   BIGINT NOT NULL
);
CREATE INDEX ticket_replies_ticket ON ticket_replies (ticket_id, id);

-- Their files are in the object store under the ticket's id. A file without a row is swept.
CREATE TABLE ticket_attachments (
    id           TEXT PRIMARY KEY,
    ticket_id    TEXT NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    reply_id     TEXT REFERENCES ticket_replies (id) ON DELETE CASCADE,
    filename     TEXT NOT NULL,
    bytes        BIGINT NOT NULL,
    media_type   TEXT NOT NULL,
    created_at   BIGINT NOT NULL
);
CREATE INDEX ticket_attachments_ticket ON ticket_attachments (ticket_id, id);

-- An admin sees the tickets of their studio's clients.
CREATE INDEX photo_sessions_client ON photo_sessions (client_id);
