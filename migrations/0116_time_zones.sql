-- The zone in which the times of a session are shown and clocks of cameras are read that do not say their own, by its IANA
-- name. NULL: none is known, and every reader sees times in their own.
ALTER TABLE photo_sessions ADD COLUMN time_zone TEXT;
