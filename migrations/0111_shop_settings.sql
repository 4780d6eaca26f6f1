-- What a studio says of its sales beside its prices.
CREATE TABLE shop_settings (
    studio_id             TEXT PRIMARY KEY,
    payment_instructions  TEXT,
    seller                TEXT,              -- name and address on receipts
    tax_rate              BIGINT,            -- hundredths of a percent; NULL: no tax
    tax_included          BIGINT NOT NULL,   -- the prices hold the tax
    updated_at            BIGINT NOT NULL
);

-- The tax of an order as it was when it was placed.
ALTER TABLE shop_orders ADD COLUMN tax_rate BIGINT;
ALTER TABLE shop_orders ADD COLUMN tax_included BIGINT;
ALTER TABLE shop_orders ADD COLUMN tax_amount BIGINT;
