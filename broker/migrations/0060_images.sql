-- An advisor's portrait and the company's logo, in the form in which they are
-- sent, and its hash.
CREATE TABLE portrait (
    account INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    bytes BLOB NOT NULL
) STRICT;
CREATE TABLE logo (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    bytes BLOB NOT NULL
) STRICT;
