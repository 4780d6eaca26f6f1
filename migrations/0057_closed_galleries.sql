-- What a studio says of a session's gallery: who gets in, from when photos are shown, until when, and what is saved.
ALTER TABLE photo_sessions ADD COLUMN pin TEXT;
ALTER TABLE photo_sessions ADD COLUMN reveals_at BIGINT;
ALTER TABLE photo_sessions ADD COLUMN ends_at BIGINT;
ALTER TABLE photo_sessions ADD COLUMN downloads TEXT NOT NULL DEFAULT 'full';   -- off | web | full | original
