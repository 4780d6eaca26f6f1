-- Web sites of a studio's whose pages may read the interface of its sessions and show the search in a frame. No foreign
-- key: the studio may live elsewhere.
CREATE TABLE studio_web_origins (
    studio_id  TEXT NOT NULL,
    origin     TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (studio_id, origin)
);

CREATE INDEX studio_web_origins_origin ON studio_web_origins (origin);
