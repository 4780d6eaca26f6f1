-- Promo codes. How often one was used is counted in the orders themselves, those that were cancelled left out.
CREATE TABLE promo_codes (
    id                TEXT PRIMARY KEY,
    studio_id         TEXT NOT NULL,
    photo_session_id  TEXT,                  -- NULL: in every session of the studio
    word              TEXT NOT NULL,         -- in capitals
    percent           BIGINT,                -- either this or the two below
    amount            BIGINT,
    currency          TEXT,
    starts_at         BIGINT,
    ends_at           BIGINT,
    most_uses         BIGINT,
    once_per_email    BIGINT NOT NULL,
    active            BIGINT NOT NULL,
    created_at        BIGINT NOT NULL,
    UNIQUE (studio_id, word)
);
CREATE INDEX promo_codes_session ON promo_codes (photo_session_id);

ALTER TABLE carts ADD COLUMN promo_word TEXT;

ALTER TABLE shop_orders ADD COLUMN promo_id TEXT;
ALTER TABLE shop_orders ADD COLUMN promo_word TEXT;
ALTER TABLE shop_orders ADD COLUMN discount_amount BIGINT;
CREATE INDEX shop_orders_promo ON shop_orders (promo_id);
