-- An erased account is an id without a name: orders, sessions and others' tickets still name it.
ALTER TABLE users ADD COLUMN erased_at BIGINT;
