-- Sessions whose originals lie in a library, a folder or a bucket that is not ours and is only read.
CREATE TABLE libraries (
    photo_session_id TEXT PRIMARY KEY,
    -- A folder that the studio has tied the session to; NULL: the templates of the settings say where.
    folder TEXT,
    -- Where the last sync found files.
    place TEXT,
    -- When the next sync is due; NULL: none before a guest comes.
    due_at BIGINT,
    -- A guest came last.
    visited_at BIGINT,
    -- The last sync that went through the whole listing, and the number of the present one.
    synced_at BIGINT,
    round BIGINT NOT NULL DEFAULT 0,
    -- Of the present or last sync: files in the listing so far, and pictures among them that were taken in.
    listed BIGINT NOT NULL DEFAULT 0,
    taken BIGINT NOT NULL DEFAULT 0,
    is_running BIGINT NOT NULL DEFAULT 0,
    failures BIGINT NOT NULL DEFAULT 0,
    -- Why the last sync failed.
    code TEXT,
    -- The session was erased: it comes back only when somebody asks for it.
    is_erased BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX libraries_due ON libraries (due_at);

-- Files of a library as they were last seen there.
CREATE TABLE library_files (
    photo_session_id TEXT NOT NULL,
    -- Below the session's place.
    key TEXT NOT NULL,
    place TEXT NOT NULL,
    -- Under which id it is, or was until the photo was deleted, an original of a photo; NULL: refused.
    file_id TEXT,
    sha256 TEXT,
    bytes BIGINT NOT NULL,
    -- ETag, or the time of the last change and the length.
    stamp TEXT NOT NULL,
    -- Why it was refused.
    code TEXT,
    -- The sync that saw it last.
    round BIGINT NOT NULL,
    PRIMARY KEY (photo_session_id, key)
);

CREATE INDEX library_files_file ON library_files (file_id);
CREATE INDEX library_files_content ON library_files (photo_session_id, sha256);
