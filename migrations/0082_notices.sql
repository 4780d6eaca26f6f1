-- What those who look after a session are told of it: once each, in the panel, and by mail a few together.
CREATE TABLE notices (
    id                TEXT PRIMARY KEY,
    user_id           TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    photo_session_id  TEXT NOT NULL,
    kind              TEXT NOT NULL,        -- first_visit | order | upload_stalled | hide_request
    subject           TEXT NOT NULL,        -- the id of what it is about
    in_panel          BIGINT NOT NULL,
    mail_due          BIGINT,               -- when a mail is to tell it
    mailed_at         BIGINT,
    seen_at           BIGINT,
    created_at        BIGINT NOT NULL,
    UNIQUE (user_id, kind, subject)
);
CREATE INDEX notices_of_user ON notices (user_id, created_at, id);
CREATE INDEX notices_of_session ON notices (photo_session_id);
CREATE INDEX notices_due ON notices (mail_due) WHERE mail_due IS NOT NULL;

-- What somebody has switched on or off; without a row both are on.
CREATE TABLE notice_settings (
    user_id   TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind      TEXT NOT NULL,
    by_mail   BIGINT NOT NULL,
    in_panel  BIGINT NOT NULL,
    PRIMARY KEY (user_id, kind)
);
