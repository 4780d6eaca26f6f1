-- A photo in the bin counts as deleted for everybody but those who manage its session, who may take it out again. It is
-- erased once this moment has passed; 0 where somebody has emptied the bin, NULL where it is not in it.
ALTER TABLE photos ADD COLUMN bin_until BIGINT;
CREATE INDEX photos_in_bin ON photos (bin_until) WHERE bin_until IS NOT NULL;

-- The filename in small letters, composed, for the search by name; NULL in rows from before, until they are folded.
ALTER TABLE photos ADD COLUMN folded_name TEXT;
CREATE INDEX photos_not_folded ON photos (id) WHERE folded_name IS NULL;
