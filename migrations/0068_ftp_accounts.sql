-- One sign-in for cameras a session. The password is in clear, because whoever sets up a second camera must read it
-- again; all that it opens is putting photos into that one session.
CREATE TABLE ftp_accounts (
    photo_session_id TEXT PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
