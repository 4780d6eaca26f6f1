-- By which models a photo's faces were embedded: a photo without a face has no row in `faces`, and was looked at all
-- the same.
CREATE TABLE photo_models (
    photo_id TEXT NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    model    TEXT NOT NULL,
    PRIMARY KEY (photo_id, model)
);
INSERT INTO photo_models (photo_id, model) SELECT DISTINCT photo_id, model FROM faces;
