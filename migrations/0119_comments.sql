-- Comments that guests write on photos, where the studio takes them.
ALTER TABLE photo_sessions ADD COLUMN comments TEXT NOT NULL DEFAULT 'off';    -- off | moderated | open

CREATE TABLE photo_comments (
    id                TEXT PRIMARY KEY,
    photo_session_id  TEXT NOT NULL,
    photo_id          TEXT NOT NULL,
    sender_id         TEXT NOT NULL,     -- the guest's device, see guest_senders
    consent_id        TEXT NOT NULL,     -- to its publication
    name              TEXT NOT NULL,     -- shown beside it; may be empty
    body              TEXT NOT NULL,
    is_shown          BIGINT NOT NULL,   -- guests who see the photo see the comment
    created_at        BIGINT NOT NULL,
    decided_at        BIGINT,            -- the studio has looked at it
    declined_at       BIGINT,            -- and has not taken it, or has taken it away
    reported_at       BIGINT,            -- the last report of it
    answer            TEXT,              -- of the studio
    answered_at       BIGINT
);
CREATE INDEX photo_comments_photo ON photo_comments (photo_id, created_at, id);
CREATE INDEX photo_comments_session ON photo_comments (photo_session_id, created_at, id);
CREATE INDEX photo_comments_sender ON photo_comments (sender_id);
CREATE INDEX photo_comments_consent ON photo_comments (consent_id);

-- Who has reported which of them, once each.
CREATE TABLE comment_reports (
    comment_id        TEXT NOT NULL,
    sender_id         TEXT NOT NULL,
    photo_session_id  TEXT NOT NULL,
    note              TEXT NOT NULL,     -- in the guest's words; may be empty
    created_at        BIGINT NOT NULL,
    PRIMARY KEY (comment_id, sender_id)
);
CREATE INDEX comment_reports_session ON comment_reports (photo_session_id);
CREATE INDEX comment_reports_sender ON comment_reports (sender_id);
