-- Selling: price lists, carts, orders. Amounts are BIGINT minor units of an ISO 4217 currency.
-- No foreign keys to studios and sessions: they may live in the studio's own database.

CREATE TABLE price_lists (
    studio_id   TEXT PRIMARY KEY,
    currency    TEXT NOT NULL,
    updated_at  BIGINT NOT NULL
);

CREATE TABLE prices (
    id         TEXT PRIMARY KEY,
    studio_id  TEXT NOT NULL REFERENCES price_lists (studio_id) ON DELETE CASCADE,
    position   BIGINT NOT NULL,
    kind       TEXT NOT NULL,            -- digital | bundle | print
    size       TEXT,
    name_ru    TEXT NOT NULL,
    name_en    TEXT NOT NULL,
    amount     BIGINT NOT NULL,
    active     BIGINT NOT NULL
);
CREATE INDEX prices_studio ON prices (studio_id, position);

CREATE TABLE carts (
    id                TEXT PRIMARY KEY,
    token_hash        TEXT NOT NULL UNIQUE,  -- SHA-256, hex; the token is the buyer's alone
    photo_session_id  TEXT NOT NULL,
    created_at        BIGINT NOT NULL,
    used_at           BIGINT NOT NULL
);
CREATE INDEX carts_age ON carts (used_at);
CREATE INDEX carts_session ON carts (photo_session_id);

-- No foreign keys to prices and photos: an item whose price or photo has gone is dropped when it is next seen.
CREATE TABLE cart_items (
    id        TEXT PRIMARY KEY,
    cart_id   TEXT NOT NULL REFERENCES carts (id) ON DELETE CASCADE,
    price_id  TEXT NOT NULL,
    photo_id  TEXT NOT NULL,             -- '' for a bundle
    quantity  BIGINT NOT NULL,
    UNIQUE (cart_id, price_id, photo_id)
);

-- An order copies whatever it was made of. `cart_id` outlives its cart: one cart, one order.
CREATE TABLE shop_orders (
    id                 TEXT PRIMARY KEY,
    number             TEXT NOT NULL,    -- 2026-000123
    cart_id            TEXT NOT NULL UNIQUE,
    status             TEXT NOT NULL,    -- draft | placed | paid | fulfilled | cancelled | refunded
    photo_session_id   TEXT NOT NULL,
    session_name       TEXT NOT NULL,
    studio_id          TEXT NOT NULL,
    studio_name        TEXT NOT NULL,
    photographer_id    TEXT,
    name               TEXT NOT NULL,    -- this and the four below are emptied when the session is erased
    email              TEXT,
    phone              TEXT,
    note               TEXT,
    search             TEXT NOT NULL,    -- number, name and address in lower case
    language           TEXT NOT NULL,
    payment            TEXT NOT NULL,    -- manual | stripe
    payment_url        TEXT,
    payment_reference  TEXT,
    currency           TEXT NOT NULL,
    total_amount       BIGINT NOT NULL,
    created_at         BIGINT NOT NULL,
    placed_at          BIGINT,
    paid_at            BIGINT,
    fulfilled_at       BIGINT,
    cancelled_at       BIGINT,
    refunded_at        BIGINT,
    UNIQUE (studio_id, number)
);
CREATE INDEX shop_orders_studio ON shop_orders (studio_id, id);
CREATE INDEX shop_orders_session ON shop_orders (photo_session_id, paid_at);

-- The last number that a studio has given in a year.
CREATE TABLE shop_order_numbers (
    studio_id  TEXT NOT NULL,
    year       BIGINT NOT NULL,
    last       BIGINT NOT NULL,
    PRIMARY KEY (studio_id, year)
);

CREATE TABLE shop_order_lines (
    id           TEXT PRIMARY KEY,
    order_id     TEXT NOT NULL REFERENCES shop_orders (id) ON DELETE CASCADE,
    position     BIGINT NOT NULL,
    price_id     TEXT NOT NULL,
    kind         TEXT NOT NULL,
    size         TEXT,
    name_ru      TEXT NOT NULL,
    name_en      TEXT NOT NULL,
    photo_id     TEXT,
    filename     TEXT,
    quantity     BIGINT NOT NULL,
    unit_amount  BIGINT NOT NULL,
    amount       BIGINT NOT NULL,
    covered      BIGINT NOT NULL
);
CREATE INDEX shop_order_lines_order ON shop_order_lines (order_id, position);

-- Every step of every order. Rows are only ever added.
CREATE TABLE shop_order_events (
    id           TEXT PRIMARY KEY,
    order_id     TEXT NOT NULL REFERENCES shop_orders (id) ON DELETE CASCADE,
    at           BIGINT NOT NULL,
    from_status  TEXT NOT NULL,
    to_status    TEXT NOT NULL,
    actor        TEXT NOT NULL,          -- guest | system | provider | user:{id}
    note         TEXT
);
CREATE INDEX shop_order_events_order ON shop_order_events (order_id, id);
