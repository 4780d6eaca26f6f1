-- A job that was given up stays, so that it can be tried again: by whom it was given up says whether an upgrade has
-- come since.
ALTER TABLE jobs ADD COLUMN given_up_by TEXT;

-- Photos that an earlier version gave up have no job any more. A job is named by its photo here, which is an id that
-- nothing else in the table has.
INSERT INTO jobs (id, kind, subject, state, attempts, run_after, last_error, created_at)
SELECT id, 'process_photo', id, 'failed', 0, created_at, 'given up by an earlier version', created_at FROM photos
WHERE state = 'rejected' AND reject_code = 'processing_failed'
  AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.subject = photos.id);
