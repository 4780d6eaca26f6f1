-- What a photo's file says of itself, and where that puts the photo in its gallery.

-- Per cent of the picture that could be read; NULL where the file is whole.
ALTER TABLE photos ADD COLUMN readable BIGINT;
-- Minutes that the camera's clock was ahead of UTC; NULL where the file does not say.
ALTER TABLE photos ADD COLUMN offset_minutes BIGINT;
ALTER TABLE photos ADD COLUMN camera TEXT;
-- Stars, 1 to 5; -1 is "rejected".
ALTER TABLE photos ADD COLUMN rating BIGINT;
ALTER TABLE photos ADD COLUMN label TEXT;
-- Keywords, caption, creator, copyright, whether there are more frames: JSON.
ALTER TABLE photos ADD COLUMN words TEXT;
-- The moment of the shot: taken_at in UTC, corrected by the shift of its camera. NULL in rows from before.
ALTER TABLE photos ADD COLUMN ordered_at BIGINT;
-- The filename in hex digits that are ordered as people count: IMG_9 before IMG_10.
ALTER TABLE photos ADD COLUMN name_key TEXT NOT NULL DEFAULT '';

-- The gallery's order: the moment of the shot, or of upload where the file knows none.
DROP INDEX photos_gallery;
CREATE INDEX photos_order
    ON photos (photo_session_id, state, (COALESCE(ordered_at, taken_at, created_at)), name_key, id);
CREATE INDEX photos_offsets ON photos (photo_session_id, offset_minutes);

-- In which zone the clocks of a session's cameras are read that do not say their own. No foreign keys: the
-- session may live in the studio's own database.
CREATE TABLE session_clocks (
    photo_session_id  TEXT PRIMARY KEY,
    offset_minutes    BIGINT NOT NULL,
    chosen            BIGINT NOT NULL     -- by the photographer; 0: the one that most of its photos name
);

-- By how much a camera's clock is moved.
CREATE TABLE camera_clocks (
    photo_session_id  TEXT NOT NULL,
    camera            TEXT NOT NULL,      -- '' for photos that name none
    shift_seconds     BIGINT NOT NULL,
    PRIMARY KEY (photo_session_id, camera)
);
