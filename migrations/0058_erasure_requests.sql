-- Erasures that somebody asked for beside the running service. A row holds ids and counts, nothing of what is erased.
CREATE TABLE erasure_requests (
    id                TEXT PRIMARY KEY,
    kind              TEXT NOT NULL,     -- session | photo | person | consent | order
    subject           TEXT NOT NULL,     -- the id of what is erased
    photo_session_id  TEXT NOT NULL,     -- its session
    studio_id         TEXT NOT NULL,     -- whose admins see the receipt
    asked_by          TEXT NOT NULL,     -- a user
    asked_at          BIGINT NOT NULL,
    removed           TEXT NOT NULL,     -- JSON: what there was
    in_hand           BIGINT NOT NULL,   -- a worker may write once more
    due_at            BIGINT NOT NULL,
    waits_for         TEXT,              -- code of what keeps it from its end
    receipt           TEXT,              -- JSON
    completed_at      BIGINT
);
CREATE INDEX erasure_requests_open ON erasure_requests (due_at) WHERE completed_at IS NULL;
CREATE INDEX erasure_requests_studio ON erasure_requests (studio_id, asked_at, id);
CREATE INDEX erasure_requests_asker ON erasure_requests (asked_by, asked_at, id);

-- Where a face of somebody who was erased is: whatever looks at the photo again leaves it out.
CREATE TABLE erased_faces (
    photo_id  TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    x         DOUBLE PRECISION NOT NULL,
    y         DOUBLE PRECISION NOT NULL,
    w         DOUBLE PRECISION NOT NULL,
    h         DOUBLE PRECISION NOT NULL
);
CREATE INDEX erased_faces_of_photo ON erased_faces (photo_id);
