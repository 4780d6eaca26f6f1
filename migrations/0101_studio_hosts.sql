-- The host under which guests reach a studio's sessions.
CREATE TABLE studio_hosts (
    studio_id      TEXT PRIMARY KEY,
    host           TEXT NOT NULL,        -- in lower case, as DNS has it
    token          TEXT NOT NULL,        -- what the studio puts into DNS
    proven_at      BIGINT,               -- the name is the studio's
    in_use_at      BIGINT,               -- links of the studio lead there
    problem        TEXT,                 -- code of what the last check found
    attempts       BIGINT NOT NULL DEFAULT 0,
    checked_at     BIGINT,
    next_check_at  BIGINT NOT NULL,
    created_at     BIGINT NOT NULL
);
-- Anybody may enter a name, one studio has proven it.
CREATE UNIQUE INDEX studio_hosts_proven ON studio_hosts (host) WHERE proven_at IS NOT NULL;
