-- A photo may have two files of one shot, and its file may be replaced by a later version of it.

-- Under which id its original lies, where that is not the photo's own: the id that the upload of the file had.
ALTER TABLE photos ADD COLUMN original_id TEXT;
-- The filename without its extension, as names are compared; '' in rows from before.
ALTER TABLE photos ADD COLUMN stem_key TEXT NOT NULL DEFAULT '';
-- The RAW of the shot whose picture is shown, beside the original.
ALTER TABLE photos ADD COLUMN raw_id TEXT;
ALTER TABLE photos ADD COLUMN raw_filename TEXT;
ALTER TABLE photos ADD COLUMN raw_sha256 TEXT;
ALTER TABLE photos ADD COLUMN raw_bytes BIGINT;
ALTER TABLE photos ADD COLUMN raw_media_type TEXT;
-- Set while what is shown was made from the file before this one.
ALTER TABLE photos ADD COLUMN replaced_at BIGINT;
CREATE UNIQUE INDEX photos_raw ON photos (photo_session_id, raw_sha256);
CREATE INDEX photos_stem ON photos (photo_session_id, stem_key);

-- Whether an upload replaces the photo of its name.
ALTER TABLE uploads ADD COLUMN replaces BIGINT NOT NULL DEFAULT 0;
-- Ids under which the originals of a deleted photo lie: JSON.
ALTER TABLE erasures ADD COLUMN originals TEXT NOT NULL DEFAULT '[]';

-- Files and vectors of photos that are there, which nothing refers to any more and which are still to be removed.
CREATE TABLE leftovers (
    id                TEXT PRIMARY KEY,
    photo_id          TEXT NOT NULL,
    photo_session_id  TEXT NOT NULL,
    originals         TEXT NOT NULL,     -- ids, JSON
    files             TEXT NOT NULL,     -- names of derivatives and copies, JSON
    faces             TEXT NOT NULL      -- ids, JSON
);
CREATE INDEX leftovers_photo ON leftovers (photo_id);
