-- The company's rules, a row for each one that is not as in the beginning.
-- `serial` counts the changes.
CREATE TABLE rule (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO rule (key, value) VALUES ('serial', '0');
