-- Whether an archive holds what the photographer sent; a studio's own archive does.
ALTER TABLE archives ADD COLUMN originals BIGINT NOT NULL DEFAULT 0;
