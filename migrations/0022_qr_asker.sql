-- The browser that asked for a code, by the hash of its cookie: only it is signed in.
ALTER TABLE qr_logins ADD COLUMN asker_hash TEXT;
