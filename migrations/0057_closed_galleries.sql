-- A studio's terms of a session's gallery: who gets in, from when photos are shown, until when, what becomes of it
-- then, what guests save, whether they see the watermark, and what they are sold.
ALTER TABLE photo_sessions ADD COLUMN pin TEXT;
ALTER TABLE photo_sessions ADD COLUMN reveals_at BIGINT;
ALTER TABLE photo_sessions ADD COLUMN ends_at BIGINT;
ALTER TABLE photo_sessions ADD COLUMN at_end TEXT NOT NULL DEFAULT 'archive';   -- archive | erase
ALTER TABLE photo_sessions ADD COLUMN downloads TEXT NOT NULL DEFAULT 'full';   -- off | web | full | original
ALTER TABLE photo_sessions ADD COLUMN watermark BIGINT NOT NULL DEFAULT 1;
ALTER TABLE photo_sessions ADD COLUMN prices TEXT;   -- ids of prices, separated by commas; NULL for the whole list
-- The end that the owner was reminded of; another end is told again.
ALTER TABLE photo_sessions ADD COLUMN told_end BIGINT;
