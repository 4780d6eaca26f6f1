-- Attachments of tickets that have a file and may have no row: from before the file is written, and from when its
-- ticket is deleted, until a sweep has looked. A file is removed by this row, never because nobody knows it.
CREATE TABLE loose_attachments (
    id         TEXT PRIMARY KEY,
    ticket_id  TEXT NOT NULL,
    since      BIGINT NOT NULL
);
CREATE INDEX loose_attachments_age ON loose_attachments (since);

-- CRC-32 of the embedding's bytes; NULL for faces of earlier versions until they have been looked at.
ALTER TABLE faces ADD COLUMN checksum BIGINT;

-- How far the walks over everything that is kept have come, so that they go on after a restart.
CREATE TABLE scrubs (
    name         TEXT PRIMARY KEY,
    after        TEXT NOT NULL,         -- id of the last photo that was looked at; '' before the first
    began_at     BIGINT NOT NULL,
    finished_at  BIGINT,                -- of the last walk that came to its end
    photos       BIGINT NOT NULL,       -- looked at in this walk
    damaged      BIGINT NOT NULL        -- of these
);
