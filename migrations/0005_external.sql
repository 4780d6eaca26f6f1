-- What was last seen of the sessions in the studio's own database, so that a change is noticed. No names:
-- they stay where they are.
CREATE TABLE external_sessions_seen (
    id                TEXT PRIMARY KEY,
    status            TEXT NOT NULL,
    facepass_enabled  BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL
);

-- How far the sync has come. `first_sweep` is there once every session has been seen once: from then on a
-- session that is new is a change.
CREATE TABLE external_sync (
    step  TEXT PRIMARY KEY,
    at    BIGINT NOT NULL
);

-- No foreign key to studios: the studio may live in its own database.
CREATE TABLE webhooks (
    id          TEXT PRIMARY KEY,
    studio_id   TEXT NOT NULL,
    url         TEXT NOT NULL,
    events      TEXT NOT NULL,          -- JSON list
    secret      TEXT NOT NULL,          -- whsec_…, needed in clear to sign with
    enabled     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX webhooks_studio ON webhooks (studio_id);

CREATE TABLE webhook_deliveries (
    id                TEXT PRIMARY KEY, -- the `webhook-id` of every attempt
    webhook_id        TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    studio_id         TEXT NOT NULL,
    photo_session_id  TEXT NOT NULL,
    event             TEXT NOT NULL,
    payload           TEXT NOT NULL,    -- exactly the bytes that are signed and sent
    state             TEXT NOT NULL,    -- queued | delivered | failed
    attempts          BIGINT NOT NULL DEFAULT 0,
    last_status       BIGINT,
    last_error        TEXT,
    next_attempt_at   BIGINT,
    created_at        BIGINT NOT NULL,
    delivered_at      BIGINT
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (state, next_attempt_at);
CREATE INDEX webhook_deliveries_log ON webhook_deliveries (studio_id, id);
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id);
CREATE INDEX webhook_deliveries_session ON webhook_deliveries (photo_session_id);
