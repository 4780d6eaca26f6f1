-- What sidecars (XMP files beside pictures) say, kept because the picture may come later. No foreign key: the session
-- may live in the studio's own database.
CREATE TABLE sidecars (
    photo_session_id  TEXT NOT NULL,
    sha256            TEXT NOT NULL,
    filename          TEXT NOT NULL,
    target            TEXT NOT NULL,     -- the picture's name or stem, as names are compared
    taken_at          BIGINT,
    facts             TEXT NOT NULL,     -- stars, label, words: JSON
    at                BIGINT NOT NULL,
    PRIMARY KEY (photo_session_id, sha256)
);
CREATE INDEX sidecars_target ON sidecars (photo_session_id, target);
