-- Who asks whether a consent stands reads `consents`, and cannot forget that it may have been taken back. The record of
-- all of them, those included that were taken back, is `consents_kept`.
ALTER TABLE consents RENAME TO consents_kept;
CREATE VIEW consents AS SELECT * FROM consents_kept WHERE withdrawn_at IS NULL;
