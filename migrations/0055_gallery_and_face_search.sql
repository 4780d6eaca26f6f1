-- One switch did three things. Whether guests get in and whether they may search by face are two switches now; whether
-- the session is archived is its status.
ALTER TABLE photo_sessions RENAME COLUMN facepass_enabled TO face_search;
ALTER TABLE photo_sessions ADD COLUMN gallery_open BIGINT NOT NULL DEFAULT 1;
UPDATE photo_sessions SET gallery_open = face_search;
