-- Whether a selfie finds people who are marked as children only with a guardian's yes.
ALTER TABLE session_people ADD COLUMN guardian BIGINT NOT NULL DEFAULT 0;
