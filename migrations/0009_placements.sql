-- Placement orders: a customer's picture, with a code leading to their link, on social platforms.

-- Pictures of customers; the files lie under the same ids. A processed one has the code on it.
CREATE TABLE customer_images (
    id           TEXT PRIMARY KEY,
    customer_id  TEXT NOT NULL REFERENCES users (id),
    source_id    TEXT,                  -- of a processed one: the picture it was made from
    target_url   TEXT,                  -- of a processed one: where its code leads
    width        BIGINT NOT NULL,
    height       BIGINT NOT NULL,
    doomed       BIGINT NOT NULL DEFAULT 0,  -- its files are being removed; it is not there any more
    created_at   BIGINT NOT NULL
);
CREATE INDEX customer_images_age ON customer_images (created_at);
CREATE INDEX customer_images_source ON customer_images (source_id);

-- What a draft does not say yet is '' or NULL.
CREATE TABLE placements (
    id            TEXT PRIMARY KEY,
    customer_id   TEXT NOT NULL REFERENCES users (id),
    status        TEXT NOT NULL,        -- draft | placed | in_progress | completed | cancelled
    title         TEXT NOT NULL,
    description   TEXT NOT NULL,
    target_url    TEXT NOT NULL,
    total_amount  BIGINT,               -- minor units
    currency      TEXT NOT NULL,
    country       TEXT NOT NULL,
    region        TEXT NOT NULL,
    city          TEXT NOT NULL,
    deadline      BIGINT,
    platforms     TEXT NOT NULL,        -- JSON list
    image_id      TEXT REFERENCES customer_images (id),
    reserved      BIGINT NOT NULL,      -- of the customer's balance, for this order
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
CREATE INDEX placements_customer ON placements (customer_id, id);
CREATE INDEX placements_image ON placements (image_id);

-- A customer may have one; then an order is placed only when it covers it. 0 <= reserved <= amount.
CREATE TABLE customer_balances (
    customer_id  TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    amount       BIGINT NOT NULL,       -- minor units
    reserved     BIGINT NOT NULL,
    currency     TEXT NOT NULL,
    updated_at   BIGINT NOT NULL
);
