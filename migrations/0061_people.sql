-- Who is in a session's photos: groups of its faces, where studio and session have switched that on. No foreign keys to
-- sessions: a session may live in the studio's own database.

-- Whether the photo's faces have been put to people.
ALTER TABLE photos ADD COLUMN people_seen BIGINT NOT NULL DEFAULT 0;
-- Whether guests must not see the photo because of whom it shows, or may show. What it is computed from stands in
-- `store/people.rs`.
ALTER TABLE photos ADD COLUMN is_withheld BIGINT NOT NULL DEFAULT 0;
CREATE INDEX photos_people_unseen ON photos (photo_session_id, id) WHERE people_seen = 0 AND state = 'ready';

CREATE TABLE studio_people (
    studio_id   TEXT PRIMARY KEY,
    is_on       BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);

CREATE TABLE session_people (
    photo_session_id  TEXT PRIMARY KEY,
    studio_id         TEXT NOT NULL,
    is_on             BIGINT NOT NULL,
    for_guests        BIGINT NOT NULL,
    -- Grows with every change of the session's people, so that what was read before a change is not written after it.
    revision          BIGINT NOT NULL,
    last_number       BIGINT NOT NULL
);

CREATE TABLE people (
    id                TEXT PRIMARY KEY,
    photo_session_id  TEXT NOT NULL,
    number            BIGINT NOT NULL,    -- what somebody without a name is called
    name              TEXT,
    is_hidden         BIGINT NOT NULL,
    is_child          BIGINT NOT NULL,
    by_hand           BIGINT NOT NULL,    -- somebody has said something of this person
    created_at        BIGINT NOT NULL
);
CREATE UNIQUE INDEX people_of_session ON people (photo_session_id, number);

-- A face is known by its photo and its box there, which stay the same when another model embeds it.
CREATE TABLE person_faces (
    id                TEXT PRIMARY KEY,
    photo_session_id  TEXT NOT NULL,
    photo_id          TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    person_id         TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    x                 DOUBLE PRECISION NOT NULL,
    y                 DOUBLE PRECISION NOT NULL,
    w                 DOUBLE PRECISION NOT NULL,
    h                 DOUBLE PRECISION NOT NULL,
    quality           DOUBLE PRECISION NOT NULL
);
CREATE INDEX person_faces_of_session ON person_faces (photo_session_id, person_id);
CREATE INDEX person_faces_of_photo ON person_faces (photo_id);
CREATE INDEX person_faces_of_person ON person_faces (person_id);

-- "Not this person": the face is never put to the person again.
CREATE TABLE person_splits (
    photo_id          TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    person_id         TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    photo_session_id  TEXT NOT NULL,
    x                 DOUBLE PRECISION NOT NULL,
    y                 DOUBLE PRECISION NOT NULL,
    w                 DOUBLE PRECISION NOT NULL,
    h                 DOUBLE PRECISION NOT NULL
);
CREATE INDEX person_splits_of_session ON person_splits (photo_session_id);
CREATE INDEX person_splits_of_photo ON person_splits (photo_id);
CREATE INDEX person_splits_of_person ON person_splits (person_id);
