-- Photos that the couple hides from other guests, where the photographer lets them.

ALTER TABLE choice_lists ADD COLUMN may_hide BIGINT NOT NULL DEFAULT 0;
ALTER TABLE photos ADD COLUMN couple_hid_at BIGINT;                          -- NULL: it has not
ALTER TABLE photos ADD COLUMN couple_overruled BIGINT NOT NULL DEFAULT 0;    -- the studio shows it all the same
