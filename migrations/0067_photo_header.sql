-- What was read of the file's header when it came in, as JSON, for the worker that processes it; NULL once that is done.
ALTER TABLE photos ADD COLUMN header TEXT;
