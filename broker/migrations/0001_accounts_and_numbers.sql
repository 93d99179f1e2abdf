-- Accounts of advisors. `name` is in lower case.
CREATE TABLE account (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    password_changed_unix_s INTEGER NOT NULL
) STRICT;

-- Routing numbers opened lately: they rest, also over a restart.
CREATE TABLE opened_number (
    routing INTEGER PRIMARY KEY,
    opened_unix_s INTEGER NOT NULL
) STRICT;

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
