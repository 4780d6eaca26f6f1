-- Guests who ask to be left out, and what a session asks of them. No foreign keys to sessions: a session may live in the
-- studio's own database.

CREATE TABLE session_wishes (
    photo_session_id  TEXT PRIMARY KEY,
    by_itself         BIGINT NOT NULL     -- what guests ask to have left out goes at once
);

CREATE TABLE hide_requests (
    id                TEXT PRIMARY KEY,
    photo_session_id  TEXT NOT NULL,
    code              TEXT NOT NULL UNIQUE,    -- a hash of what the guest keeps
    later             BIGINT NOT NULL,         -- later photos of the guest are held back too
    person_id         TEXT REFERENCES people (id) ON DELETE SET NULL,    -- whose later photos those are, while it is hidden
    state             TEXT NOT NULL,           -- asked | hidden | refused | withdrawn
    photos            BIGINT NOT NULL,         -- how many were asked for
    version           TEXT NOT NULL,           -- of the text that the guest agreed to
    language          TEXT NOT NULL,
    created_at        BIGINT NOT NULL,
    settled_at        BIGINT
);
CREATE INDEX hide_requests_of_session ON hide_requests (photo_session_id, created_at);
CREATE INDEX hide_requests_of_person ON hide_requests (person_id);

CREATE TABLE hide_photos (
    request_id  TEXT NOT NULL REFERENCES hide_requests (id) ON DELETE CASCADE,
    photo_id    TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    -- Where the guest's face is in the photo.
    x           DOUBLE PRECISION NOT NULL,
    y           DOUBLE PRECISION NOT NULL,
    w           DOUBLE PRECISION NOT NULL,
    h           DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (request_id, photo_id)
);
-- Somebody who is only there because a guest asked, and who goes with the last wish.
ALTER TABLE people ADD COLUMN of_wish BIGINT NOT NULL DEFAULT 0;
CREATE INDEX hide_photos_of_photo ON hide_photos (photo_id);
