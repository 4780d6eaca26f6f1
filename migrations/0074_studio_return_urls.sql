-- Where found photos of a studio lead: a template of an address. No foreign key: the studio may live elsewhere.
CREATE TABLE studio_return_urls (
    studio_id  TEXT PRIMARY KEY,
    url        TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
