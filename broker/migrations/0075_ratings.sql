-- What customers answered after their sessions, added up by day, advisor and
-- question: nothing in it is of one session or one customer.
CREATE TABLE rating (
    day TEXT NOT NULL,
    advisor TEXT NOT NULL,
    question TEXT NOT NULL CHECK (question IN ('solved', 'grade')),
    answer INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (day, advisor, question, answer)
) STRICT, WITHOUT ROWID;
