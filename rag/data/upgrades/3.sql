-- Speakers are grouped into people. Who that is, is found when the library is opened; offices by `pullquote rebuild`.
CREATE TABLE voices (
    article_id TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    speaker TEXT NOT NULL,         -- as the article names them at their fullest
    office TEXT NOT NULL,          -- what it calls them; empty where it does not
    surname TEXT NOT NULL,         -- folded; voices that may be one person share it
    person TEXT NOT NULL,          -- see rag/people.py
    quotations INTEGER NOT NULL,   -- how many there are of theirs in the article
    settled INTEGER NOT NULL,      -- 0 where another voice of the surname has come or gone since
    PRIMARY KEY (article_id, speaker)
) STRICT, WITHOUT ROWID;
INSERT INTO voices SELECT article_id, speaker, '', '', '', count(*), 0 FROM quotations
    WHERE speaker <> '' GROUP BY article_id, speaker;
CREATE INDEX voices_by_person ON voices(person);
CREATE INDEX voices_by_surname ON voices(surname);
CREATE INDEX voices_unsettled ON voices(surname) WHERE settled = 0;
CREATE TABLE aliases (
    speaker TEXT NOT NULL,
    article_id TEXT NOT NULL,
    person TEXT NOT NULL,
    PRIMARY KEY (speaker, article_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE people (person TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT, WITHOUT ROWID;
DROP INDEX quotations_by_speaker;
