-- When a studio asked the payment provider to give an order's money back. The order is refunded when the provider
-- says so; NULL again where it says that it failed.
ALTER TABLE shop_orders ADD COLUMN refund_asked_at BIGINT;
