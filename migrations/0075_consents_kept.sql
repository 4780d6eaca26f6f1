-- What a guest agreed to stays on record, also after it was taken back, until it is erased.
ALTER TABLE consents ADD COLUMN purpose TEXT NOT NULL DEFAULT 'match';    -- match | news | hiding | guardian
-- Consents of one guest share it; the code that the guest keeps is a signature of it.
ALTER TABLE consents ADD COLUMN record_id TEXT NOT NULL DEFAULT '';
ALTER TABLE consents ADD COLUMN studio_id TEXT;    -- unknown for old consents in a studio's own database
ALTER TABLE consents ADD COLUMN withdrawn_at BIGINT;
UPDATE consents SET record_id = id,
    studio_id = (SELECT s.studio_id FROM photo_sessions s WHERE s.id = consents.photo_session_id);
-- A wish to be left out is made under a consent of its own, with the same id.
INSERT INTO consents (id, photo_session_id, version, language, created_at, purpose, record_id, studio_id, withdrawn_at)
    SELECT r.id, r.photo_session_id, r.version, r.language, r.created_at, 'hiding', r.id,
        (SELECT s.studio_id FROM photo_sessions s WHERE s.id = r.photo_session_id),
        CASE WHEN r.state = 'withdrawn' THEN r.settled_at END
    FROM hide_requests r;
DROP INDEX consents_session;
CREATE INDEX consents_of_session ON consents (photo_session_id, created_at, id);
CREATE INDEX consents_of_studio ON consents (studio_id, created_at, id);
CREATE INDEX consents_of_record ON consents (record_id);

-- What studios ask their guests in their own words. Every version stays, so that it can be shown what was agreed to.
CREATE TABLE consent_texts (
    studio_id    TEXT NOT NULL,
    purpose      TEXT NOT NULL,
    version      TEXT NOT NULL,
    language     TEXT NOT NULL,
    body         TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    replaced_at  BIGINT,             -- by a later version, or by Pixora's own text
    PRIMARY KEY (studio_id, purpose, version, language)
);
