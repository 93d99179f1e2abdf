-- Where the trail begins if its oldest entries were removed as planned: the last
-- one that was, signed.
CREATE TABLE audit_cut (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    at_unix_s INTEGER NOT NULL,
    signature BLOB NOT NULL
) STRICT;

-- As before, but for entries that the cut covers.
DROP TRIGGER audit_is_not_deleted;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
WHEN OLD.seq > coalesce((SELECT seq FROM audit_cut), 0)
BEGIN SELECT RAISE(ABORT, 'audit entries are never deleted'); END;
