-- Where each model's vectors were when index and rows were last compared: the embedded index or a server.
-- An index that is found elsewhere is compared face by face, not by count.
CREATE TABLE face_indexes (
    model TEXT PRIMARY KEY,
    place TEXT NOT NULL
);
