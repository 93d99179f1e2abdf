-- The second factor's secret, sealed with a key outside of this file; NULL:
-- the account has none. Codes of this time step and earlier ones are used up.
ALTER TABLE account ADD COLUMN totp_sealed BLOB;
ALTER TABLE account ADD COLUMN totp_step INTEGER NOT NULL DEFAULT 0;

-- Codes for whoever has lost the second factor; each works once.
CREATE TABLE recovery_code (
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    code_sha256 TEXT NOT NULL,
    PRIMARY KEY (account, code_sha256)
) STRICT, WITHOUT ROWID;

-- Machines from which an account signs in. Only one whose approval carries a
-- tag made with a key outside of this file is let in. The address is kept only
-- while the workplace waits.
CREATE TABLE workplace (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    device_key BLOB NOT NULL CHECK (length(device_key) = 32),
    name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'refused')),
    code INTEGER NOT NULL,
    asked_unix_s INTEGER NOT NULL,
    address TEXT,
    decided_unix_s INTEGER,
    decided_by TEXT,
    approval_tag BLOB,
    used_unix_s INTEGER,
    UNIQUE (account, device_key)
) STRICT;

-- Counts changes after which somebody may be signed in who may not any more,
-- whichever process makes them.
INSERT INTO setting (key, value) VALUES ('rights_generation', '0');
CREATE TRIGGER rights_change_with_account AFTER UPDATE OF role, blocked, password_changed_unix_s ON account
BEGIN UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE key = 'rights_generation'; END;
CREATE TRIGGER rights_end_with_account AFTER DELETE ON account
BEGIN UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE key = 'rights_generation'; END;
CREATE TRIGGER rights_change_with_workplace AFTER UPDATE OF state ON workplace
BEGIN UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE key = 'rights_generation'; END;
CREATE TRIGGER rights_end_with_workplace AFTER DELETE ON workplace
BEGIN UPDATE setting SET value = CAST(value AS INTEGER) + 1 WHERE key = 'rights_generation'; END;
