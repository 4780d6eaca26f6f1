-- Guests who want to hear of new photos that show them. No foreign keys to sessions: a session may live in the studio's
-- own database.
CREATE TABLE news (
    id                TEXT PRIMARY KEY,     -- of the consent under which all of this is kept
    photo_session_id  TEXT NOT NULL,
    studio_id         TEXT NOT NULL,
    channel           TEXT NOT NULL,        -- mail | push | telegram
    address           TEXT,                 -- what the channel needs; unknown until a chat of the bot has come
    language          TEXT NOT NULL,
    pin               TEXT,                 -- a hash of the gallery's PIN as the guest knows it
    confirmed_at      BIGINT,               -- whoever reads at the address has said yes
    due_at            BIGINT,               -- when to look for new photos; nothing is new without it
    told_at           BIGINT,
    ended_at          BIGINT,               -- a last message is on its way, then all of this goes
    created_at        BIGINT NOT NULL
);
CREATE INDEX news_of_session ON news (photo_session_id);
CREATE INDEX news_of_address ON news (address);
CREATE INDEX news_due ON news (due_at) WHERE due_at IS NOT NULL;

-- The guest's face as numbers, by the model that made them; as in `faces`.
CREATE TABLE news_vectors (
    news_id  TEXT NOT NULL REFERENCES news (id) ON DELETE CASCADE,
    model    TEXT NOT NULL,
    vector   BLOB NOT NULL
);
CREATE INDEX news_vectors_of_news ON news_vectors (news_id);

-- Photos that the guest knows, and where they are in them: another model takes their face from there.
CREATE TABLE news_photos (
    news_id   TEXT NOT NULL REFERENCES news (id) ON DELETE CASCADE,
    photo_id  TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    score     DOUBLE PRECISION NOT NULL,
    x         DOUBLE PRECISION NOT NULL,
    y         DOUBLE PRECISION NOT NULL,
    w         DOUBLE PRECISION NOT NULL,
    h         DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (news_id, photo_id)
);
CREATE INDEX news_photos_of_photo ON news_photos (photo_id);

-- Whether guests who want to hear of it have been looked for in the photo.
ALTER TABLE photos ADD COLUMN news_seen BIGINT NOT NULL DEFAULT 0;
CREATE INDEX photos_news_unseen ON photos (photo_session_id) WHERE news_seen = 0 AND state = 'ready';

-- A mail of news goes with them. With photos (JSON, ids) it is written when it is sent, as far as the guest sees them then.
ALTER TABLE mails ADD COLUMN news_id TEXT REFERENCES news (id) ON DELETE CASCADE;
ALTER TABLE mails ADD COLUMN photos TEXT;
CREATE INDEX mails_of_news ON mails (news_id) WHERE news_id IS NOT NULL;
