-- A blocked account signs nobody in and can be used again later.
ALTER TABLE account ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0 CHECK (blocked IN (0, 1));
-- Language of the pages; NULL: the browser's.
ALTER TABLE account ADD COLUMN language TEXT CHECK (language IN ('de', 'en'));

CREATE INDEX audit_by_time ON audit (at_unix_s);
