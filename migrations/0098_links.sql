-- Short links of a session, each with a code of its own: one for each table, entrance or invitation.
CREATE TABLE session_links (
    code              TEXT PRIMARY KEY,
    photo_session_id  TEXT NOT NULL,
    label             TEXT NOT NULL,     -- '' for the one that the session's own QR code has
    created_at        BIGINT NOT NULL
);
CREATE UNIQUE INDEX session_links_label ON session_links (photo_session_id, label);
