-- Ways of delivery of a studio, in the currency of its price list.
CREATE TABLE shipping_methods (
    id             TEXT PRIMARY KEY,
    studio_id      TEXT NOT NULL,
    position       BIGINT NOT NULL,
    name_ru        TEXT NOT NULL,
    name_en        TEXT NOT NULL,
    amount         BIGINT NOT NULL,
    needs_address  BIGINT NOT NULL,
    active         BIGINT NOT NULL
);
CREATE INDEX shipping_methods_studio ON shipping_methods (studio_id, position);

ALTER TABLE carts ADD COLUMN shipping_id TEXT;

-- How an order is delivered, as it was when it was placed. The address is JSON; it is emptied when the order is erased
-- and some time after it is done.
ALTER TABLE shop_orders ADD COLUMN shipping_name_ru TEXT;
ALTER TABLE shop_orders ADD COLUMN shipping_name_en TEXT;
ALTER TABLE shop_orders ADD COLUMN shipping_amount BIGINT;
ALTER TABLE shop_orders ADD COLUMN address TEXT;
