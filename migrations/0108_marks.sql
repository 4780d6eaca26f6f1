-- Stars and labels that the photographer gives in the panel. `rating` and `label` stay what counts: what was given lies
-- over what the file and its sidecar say, as long as nothing newer came.

ALTER TABLE photos ADD COLUMN given_rating BIGINT;   -- 0 to 5, -1 rejected; NULL: as the file says
ALTER TABLE photos ADD COLUMN given_label TEXT;      -- empty: none; NULL: as the file says
