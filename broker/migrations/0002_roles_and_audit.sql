-- Everyone there was before is an advisor with a password of their own.
ALTER TABLE account ADD COLUMN role TEXT NOT NULL DEFAULT 'advisor'
    CHECK (role IN ('main_user', 'local_admin', 'advisor', 'auditor'));
-- Until when an initial password can be exchanged; NULL: the person's own.
ALTER TABLE account ADD COLUMN password_initial_until_unix_s INTEGER;
-- Wrong passwords in a row, when the last one came, and until when none is
-- looked at.
ALTER TABLE account ADD COLUMN wrong_tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN last_try_unix_s INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN locked_until_unix_s INTEGER NOT NULL DEFAULT 0;

-- The same for names that no account has, by 16 bits of a salted hash: the
-- table is bounded, and what was typed as a name (a password, perhaps) can't be
-- told from it.
CREATE TABLE stranger_tries (
    bucket INTEGER PRIMARY KEY,
    wrong_tries INTEGER NOT NULL,
    last_try_unix_s INTEGER NOT NULL,
    locked_until_unix_s INTEGER NOT NULL
) STRICT;
INSERT INTO setting (key, value) VALUES ('stranger_salt', hex(randomblob(32)));

CREATE UNIQUE INDEX one_main_user ON account (role) WHERE role = 'main_user';

-- Hashes of passwords that an account had before the present one.
CREATE TABLE earlier_password (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    password_hash TEXT NOT NULL
) STRICT;
CREATE INDEX earlier_password_of ON earlier_password (account);

-- The one code that makes the main user.
CREATE TABLE paper_code (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    code_sha256 TEXT NOT NULL,
    expires_unix_s INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at_unix_s INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    outcome TEXT NOT NULL,
    counts TEXT NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE INDEX audit_starts ON audit (seq) WHERE action = 'broker_started';

-- Against slips; against intent there is the chain and its signed head.
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit entries are never deleted'); END;

CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;
