-- Ids by which other programs name photos of a session. A photo in the state `indexed` has no file with us: it came
-- under such an id to be found, and its picture was not kept.
CREATE TABLE external_photos (
    photo_session_id TEXT NOT NULL,
    external_id TEXT NOT NULL,
    photo_id TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    -- The photo came in under this id, and goes with it.
    is_owner BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (photo_session_id, external_id)
);

CREATE INDEX external_photos_photo ON external_photos (photo_id);

-- Lists of library keys that are indexed one after the other.
CREATE TABLE face_batches (
    id TEXT PRIMARY KEY,
    photo_session_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);

CREATE INDEX face_batches_session ON face_batches (photo_session_id, created_at);

CREATE TABLE face_batch_items (
    batch_id TEXT NOT NULL REFERENCES face_batches (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    external_id TEXT NOT NULL,
    library_key TEXT NOT NULL,
    is_kept BIGINT NOT NULL,
    -- waiting, done or failed
    state TEXT NOT NULL,
    code TEXT,
    PRIMARY KEY (batch_id, number)
);
