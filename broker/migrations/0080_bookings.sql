-- Routing numbers that are booked for a window of time, in seconds since 1970.
-- The secret part is with the advisor's program and was never here.
CREATE TABLE booking (
    routing INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    opens_unix_s INTEGER NOT NULL,
    closes_unix_s INTEGER NOT NULL
) STRICT;
CREATE INDEX booking_of ON booking (account);

-- However a booking ends, with its account too: its number rests.
CREATE TRIGGER booked_number_rests AFTER DELETE ON booking
BEGIN INSERT OR REPLACE INTO opened_number (routing, opened_unix_s) VALUES (OLD.routing, unixepoch()); END;
