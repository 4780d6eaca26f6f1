-- Names of what studios sell in every language, as JSON: language to text. They were Russian and English only, and hold
-- no control characters.
ALTER TABLE prices ADD COLUMN names TEXT NOT NULL DEFAULT '{}';
UPDATE prices SET names =
    '{"ru":"' || replace(replace(name_ru, '\', '\\'), '"', '\"') ||
    '","en":"' || replace(replace(name_en, '\', '\\'), '"', '\"') || '"}';
ALTER TABLE prices DROP COLUMN name_ru;
ALTER TABLE prices DROP COLUMN name_en;

ALTER TABLE shipping_methods ADD COLUMN names TEXT NOT NULL DEFAULT '{}';
UPDATE shipping_methods SET names =
    '{"ru":"' || replace(replace(name_ru, '\', '\\'), '"', '\"') ||
    '","en":"' || replace(replace(name_en, '\', '\\'), '"', '\"') || '"}';
ALTER TABLE shipping_methods DROP COLUMN name_ru;
ALTER TABLE shipping_methods DROP COLUMN name_en;

ALTER TABLE shop_order_lines ADD COLUMN names TEXT NOT NULL DEFAULT '{}';
UPDATE shop_order_lines SET names =
    '{"ru":"' || replace(replace(name_ru, '\', '\\'), '"', '\"') ||
    '","en":"' || replace(replace(name_en, '\', '\\'), '"', '\"') || '"}';
ALTER TABLE shop_order_lines DROP COLUMN name_ru;
ALTER TABLE shop_order_lines DROP COLUMN name_en;

ALTER TABLE shop_orders ADD COLUMN shipping_names TEXT;
UPDATE shop_orders SET shipping_names =
    '{"ru":"' || replace(replace(shipping_name_ru, '\', '\\'), '"', '\"') ||
    '","en":"' || replace(replace(shipping_name_en, '\', '\\'), '"', '\"') || '"}'
WHERE shipping_name_ru IS NOT NULL AND shipping_name_en IS NOT NULL;
ALTER TABLE shop_orders DROP COLUMN shipping_name_ru;
ALTER TABLE shop_orders DROP COLUMN shipping_name_en;
