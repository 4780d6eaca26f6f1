-- The `Upload-Metadata` of an upload's creation as the client sent it; NULL for uploads that were begun before.
ALTER TABLE uploads ADD COLUMN metadata TEXT;
