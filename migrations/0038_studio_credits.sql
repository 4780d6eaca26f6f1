-- What a studio wants written into the files that guests download. No foreign key: the studio may live elsewhere.
CREATE TABLE studio_credits (
    studio_id    TEXT PRIMARY KEY,
    creator      TEXT,
    copyright    TEXT,
    contact      TEXT,
    from_photos  BIGINT NOT NULL,        -- 1: the photo's own creator and copyright go before these
    updated_at   BIGINT NOT NULL
);
