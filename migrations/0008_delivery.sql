-- What leaves the house: archives, marked copies, and payments on their way in.

-- Length and CRC-32 of stored files, so that an archive's layout is known before a byte of it is read.
-- `name` is the file's own among those of its photo: original, or {size}-{hash}[-{mark}].jpg.
CREATE TABLE photo_files (
    photo_id   TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    bytes      BIGINT NOT NULL,
    crc32      BIGINT NOT NULL,
    studio_id  TEXT,                     -- whose watermark a marked copy shows
    mark       TEXT,                     -- 16 hex digits
    PRIMARY KEY (photo_id, name)
);
CREATE INDEX photo_files_marked ON photo_files (studio_id, mark);

-- A guest's archive: which photos, not their bytes. The link is signed; the row goes when it has run out.
CREATE TABLE archives (
    id                TEXT PRIMARY KEY,
    photo_session_id  TEXT NOT NULL,
    photos            TEXT NOT NULL,     -- ids as hex digits without hyphens, one after the other
    digest            TEXT NOT NULL,     -- of what the archive held when it was made: its ETag
    expires_at        BIGINT NOT NULL,
    UNIQUE (photo_session_id, digest)
);
CREATE INDEX archives_expiry ON archives (expires_at);

-- No foreign key to studios: the studio may live in its own database.
CREATE TABLE watermarks (
    studio_id   TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,           -- text | logo
    text        TEXT,
    logo        TEXT,                    -- PNG, base64; NULL: the one of the studio's branding
    opacity     BIGINT NOT NULL,         -- per cent
    updated_at  BIGINT NOT NULL
);

-- Payments that a provider has told of, whatever came of them. Amounts as in shop_orders; NULL where what was
-- told is not money that we know.
CREATE TABLE shop_payments (
    reference        TEXT PRIMARY KEY,   -- what the provider calls it
    order_id         TEXT NOT NULL REFERENCES shop_orders (id) ON DELETE CASCADE,
    is_paid          BIGINT NOT NULL,    -- its receipt was told; a refund may be told first
    amount           BIGINT,
    currency         TEXT,
    accepted         BIGINT NOT NULL,    -- the order is paid with it
    returned         BIGINT NOT NULL,    -- all of it was given back
    updated_at       BIGINT NOT NULL
);
CREATE INDEX shop_payments_order ON shop_payments (order_id);

-- Messages of providers that have been taken in: one that comes again changes nothing.
CREATE TABLE payment_messages (
    id  TEXT PRIMARY KEY,
    at  BIGINT NOT NULL
);
CREATE INDEX payment_messages_age ON payment_messages (at);
