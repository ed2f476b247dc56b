-- The library. Revisions are only ever added; an article points at its current one.
-- Passages and quotations are of current revisions only, and can be made again from the text.

CREATE TABLE articles (
    id TEXT PRIMARY KEY,
    revision_id TEXT NOT NULL REFERENCES revisions(id) DEFERRABLE INITIALLY DEFERRED,
    added_at TEXT NOT NULL
) STRICT;
CREATE INDEX articles_by_revision ON articles(revision_id);  -- SQLite looks here, and in the two below, for each new one

CREATE TABLE revisions (
    id TEXT PRIMARY KEY,
    article_id TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    content_hash TEXT NOT NULL,
    text TEXT NOT NULL,
    title TEXT NOT NULL,
    author TEXT NOT NULL,
    publisher TEXT NOT NULL,
    published TEXT NOT NULL,
    day INTEGER NOT NULL,          -- published as yyyymmdd; 0 where not known
    url TEXT NOT NULL,
    external_id TEXT NOT NULL,
    origin TEXT NOT NULL,
    read_at TEXT NOT NULL,
    seal INTEGER NOT NULL DEFAULT 0  -- a checksum of the row, as in the other tables that have one: rag/seals.py
) STRICT;
CREATE INDEX revisions_by_article ON revisions(article_id);
CREATE INDEX revisions_by_content ON revisions(content_hash);

-- By what an article is known again: "id:…", "url:…", "origin:…".
CREATE TABLE keys (
    key TEXT PRIMARY KEY,
    article_id TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_by_article ON keys(article_id);

-- AUTOINCREMENT: a number is never used again, so that a stale entry of the index names nothing.
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    revision_id TEXT NOT NULL REFERENCES revisions(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    seal INTEGER NOT NULL DEFAULT 0,
    sentences BLOB NOT NULL,       -- uint32 pairs, little-endian: start and end of each sentence
    sentence_vectors BLOB NOT NULL DEFAULT x'',  -- int8, one row a sentence; empty where still to be made
    vector BLOB NOT NULL           -- float32, little-endian, length 1
) STRICT;
CREATE INDEX passages_by_article ON passages(article_id, start, "end");  -- their rows are large
CREATE INDEX passages_by_revision ON passages(revision_id);

-- Full text over what `passages` points at; holds no text itself. rowid is the passage's id.
CREATE VIRTUAL TABLE passage_words USING fts5(title, body, content='', tokenize="porter unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE passage_terms USING fts5vocab(passage_words, row);

CREATE TABLE quotations (
    id INTEGER PRIMARY KEY,
    article_id TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    revision_id TEXT NOT NULL REFERENCES revisions(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    speaker TEXT NOT NULL,
    cue TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('direct', 'mixed', 'indirect')),
    mention_start INTEGER,         -- where the article says who speaks, and by which verb; NULL where it does not
    mention_end INTEGER,
    cue_start INTEGER,
    cue_end INTEGER,
    seal INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX quotations_by_article ON quotations(article_id, start);
CREATE INDEX quotations_by_revision ON quotations(revision_id);
CREATE INDEX quotations_by_voice ON quotations(article_id, speaker, cue);

-- Who speaks in each article, and which person that is. Made again from the quotations and the aliases.
CREATE TABLE voices (
    article_id TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    speaker TEXT NOT NULL,         -- as the article names them at their fullest
    office TEXT NOT NULL,          -- what it calls them; empty where it does not
    surname TEXT NOT NULL,         -- folded; voices that may be one person share it
    person TEXT NOT NULL,          -- see rag/people.py
    quotations INTEGER NOT NULL,   -- how many there are of theirs in the article
    settled INTEGER NOT NULL,      -- 0 where another voice of the surname has come or gone since
    seal INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (article_id, speaker)
) STRICT, WITHOUT ROWID;
CREATE INDEX voices_by_person ON voices(person, speaker);
CREATE INDEX voices_by_surname ON voices(surname);
CREATE INDEX voices_by_speaker ON voices(speaker, person);
CREATE INDEX voices_unsettled ON voices(surname) WHERE settled = 0;

-- The names under which somebody speaks, to be found by the word that they end in, or by all their words, folded.
CREATE TABLE names (
    speaker TEXT PRIMARY KEY,
    last TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX names_by_last ON names(last);
CREATE TABLE name_words (
    word TEXT NOT NULL,
    speaker TEXT NOT NULL,
    PRIMARY KEY (word, speaker)
) STRICT, WITHOUT ROWID;

-- What the user decided: who a speaker is, in one article or, under '', in all. Never deleted with an article,
-- so that it holds again when that comes back.
CREATE TABLE aliases (
    speaker TEXT NOT NULL,
    article_id TEXT NOT NULL,
    person TEXT NOT NULL,
    seal INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (speaker, article_id)
) STRICT, WITHOUT ROWID;
-- What people are called who were named by hand.
CREATE TABLE people (
    person TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    seal INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    started_at TEXT NOT NULL
) STRICT;

CREATE TABLE turns (
    conversation_id TEXT NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    answer TEXT NOT NULL,          -- JSON; quotations by citation id, never as words
    seal INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation_id, n)
) STRICT, WITHOUT ROWID;
