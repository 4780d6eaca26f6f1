-- What guests and the couple choose of a session. No foreign keys to sessions: a session may live in the studio's own
-- database.

CREATE TABLE choice_lists (
    id                TEXT PRIMARY KEY,
    photo_session_id  TEXT NOT NULL,
    kind              TEXT NOT NULL,               -- guest | couple
    name              TEXT,                        -- as its owner likes to be called
    most              BIGINT,                      -- how many photos the couple may choose
    is_shared         BIGINT NOT NULL DEFAULT 0,   -- whoever has its link may look at it
    turn              BIGINT NOT NULL DEFAULT 0,   -- links and cookies of earlier turns open nothing
    created_at        BIGINT NOT NULL,
    changed_at        BIGINT NOT NULL,
    done_at           BIGINT                       -- the owner has said that the choice is made
);
CREATE INDEX choice_lists_of_session ON choice_lists (photo_session_id, kind, changed_at);

CREATE TABLE choice_photos (
    list_id    TEXT NOT NULL REFERENCES choice_lists (id) ON DELETE CASCADE,
    photo_id   TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    chosen_at  BIGINT NOT NULL,
    PRIMARY KEY (list_id, photo_id)
);
CREATE INDEX choice_photos_of_photo ON choice_photos (photo_id);
