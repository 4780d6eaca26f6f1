-- What a package of a price list holds of each kind. A cart puts photos into a part by its id, as it does into a price.
CREATE TABLE package_parts (
    id        TEXT PRIMARY KEY,
    price_id  TEXT NOT NULL REFERENCES prices (id) ON DELETE CASCADE,
    position  BIGINT NOT NULL,
    kind      TEXT NOT NULL,            -- digital | bundle | print
    size      TEXT,
    quantity  BIGINT NOT NULL
);
CREATE INDEX package_parts_price ON package_parts (price_id, position);

-- The price of the package that an order's line is a part of.
ALTER TABLE shop_order_lines ADD COLUMN package_id TEXT;
