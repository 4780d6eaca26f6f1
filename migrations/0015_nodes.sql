-- What all nodes of one installation must agree on: a fingerprint of the secret that they sign with, and the mark
-- of the file storage that they share.
CREATE TABLE installation (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
