-- How a studio shows itself to guests, beyond its cards.
ALTER TABLE studio_branding ADD COLUMN contact TEXT;
ALTER TABLE studio_branding ADD COLUMN site TEXT;
ALTER TABLE studio_branding ADD COLUMN page_logo TEXT;   -- PNG, base64: the logo as small as pages show it
-- The cover of a session, and what is shown where links of it are sent.
ALTER TABLE photo_sessions ADD COLUMN cover TEXT;        -- a photo of the session
ALTER TABLE photo_sessions ADD COLUMN previews TEXT NOT NULL DEFAULT 'none';   -- none | cover | photos
