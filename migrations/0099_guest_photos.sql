-- Photos that guests add to a session, where its studio takes them.
ALTER TABLE photo_sessions ADD COLUMN guest_photos TEXT NOT NULL DEFAULT 'off';            -- off | moderated | open
ALTER TABLE photo_sessions ADD COLUMN most_from_a_guest BIGINT NOT NULL DEFAULT 50;
ALTER TABLE photo_sessions ADD COLUMN most_from_guests BIGINT NOT NULL DEFAULT 1000;
ALTER TABLE photos ADD COLUMN is_from_guest BIGINT NOT NULL DEFAULT 0;

-- A device of a guest that sends photos, or reports one: it is known by a token in its cookie.
CREATE TABLE guest_senders (
    id                TEXT PRIMARY KEY,
    photo_session_id  TEXT NOT NULL,
    token             TEXT NOT NULL,     -- SHA-256, hex
    name              TEXT NOT NULL,     -- as the guest wrote it; may be empty
    created_at        BIGINT NOT NULL
);
CREATE UNIQUE INDEX guest_senders_token ON guest_senders (token);
CREATE INDEX guest_senders_session ON guest_senders (photo_session_id);

-- What they send, from the moment that it is announced.
CREATE TABLE guest_photos (
    photo_id          TEXT PRIMARY KEY,
    photo_session_id  TEXT NOT NULL,
    sender_id         TEXT NOT NULL,
    consent_id        TEXT NOT NULL,     -- to its publication
    filename          TEXT NOT NULL,     -- as the guest calls it
    created_at        BIGINT NOT NULL,
    decided_at        BIGINT,            -- the studio has looked at it
    declined_at       BIGINT,            -- and has not taken it: the row outlives the photo, so that its sender is told
    reported_at       BIGINT,            -- the last report of it
    taken_back_at     BIGINT             -- by its sender, before the file had come
);
CREATE INDEX guest_photos_session ON guest_photos (photo_session_id, created_at);
CREATE INDEX guest_photos_sender ON guest_photos (sender_id);
CREATE INDEX guest_photos_consent ON guest_photos (consent_id);

-- Who has reported which of them, once each.
CREATE TABLE guest_photo_reports (
    photo_id          TEXT NOT NULL,
    sender_id         TEXT NOT NULL,
    photo_session_id  TEXT NOT NULL,
    note              TEXT NOT NULL,     -- in the guest's words; may be empty
    created_at        BIGINT NOT NULL,
    PRIMARY KEY (photo_id, sender_id)
);
CREATE INDEX guest_photo_reports_session ON guest_photo_reports (photo_session_id);
