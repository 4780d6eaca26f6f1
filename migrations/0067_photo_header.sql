-- The header of the file as JSON, read at its receipt, for the worker that processes it; NULL once that is done.
ALTER TABLE photos ADD COLUMN header TEXT;
