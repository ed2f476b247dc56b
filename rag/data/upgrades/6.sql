-- Which passages lie around a quotation, and who says something with which verb, is told by indexes alone: to read the
-- large rows of passages for it took most of the time of a question.
DROP INDEX passages_by_article;
CREATE INDEX passages_by_article ON passages(article_id, start, "end");
DROP INDEX IF EXISTS quotations_by_voice;
CREATE INDEX quotations_by_voice ON quotations(article_id, speaker, cue);
DROP INDEX voices_by_person;
CREATE INDEX voices_by_person ON voices(person, speaker);

-- Names are found by their words, and no longer by going through all of them; they are put in when the library is opened.
CREATE INDEX IF NOT EXISTS voices_by_speaker ON voices(speaker, person);
CREATE TABLE IF NOT EXISTS names (
    speaker TEXT PRIMARY KEY,
    last TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS names_by_last ON names(last);
CREATE TABLE IF NOT EXISTS name_words (
    word TEXT NOT NULL,
    speaker TEXT NOT NULL,
    PRIMARY KEY (word, speaker)
) STRICT, WITHOUT ROWID;

-- With every revision that comes or goes SQLite looks for what refers to it: without these, in every passage and quotation.
CREATE INDEX IF NOT EXISTS articles_by_revision ON articles(revision_id);
CREATE INDEX IF NOT EXISTS passages_by_revision ON passages(revision_id);
CREATE INDEX IF NOT EXISTS quotations_by_revision ON quotations(revision_id);
