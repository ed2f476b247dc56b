-- Beside what is shown stands a checksum of it (rag/seals.py). What is here counts as it is, but for the texts: these are
-- compared with the hash that they came in with.
ALTER TABLE revisions ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
ALTER TABLE passages ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quotations ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
ALTER TABLE voices ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
ALTER TABLE aliases ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
ALTER TABLE turns ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
UPDATE revisions SET seal = seal(CAST("id" AS BLOB), CAST("article_id" AS BLOB), CAST("content_hash" AS BLOB),
    CAST("day" AS BLOB), CAST("external_id" AS BLOB), CAST("origin" AS BLOB), CAST("read_at" AS BLOB));
UPDATE passages SET seal = seal(CAST("article_id" AS BLOB), CAST("revision_id" AS BLOB), CAST("start" AS BLOB),
    CAST("end" AS BLOB), CAST(hex("sentences") AS BLOB));
UPDATE quotations SET seal = seal(CAST("article_id" AS BLOB), CAST("revision_id" AS BLOB), CAST("start" AS BLOB),
    CAST("end" AS BLOB), CAST("speaker" AS BLOB), CAST("cue" AS BLOB), CAST("kind" AS BLOB), CAST("mention_start" AS
    BLOB), CAST("mention_end" AS BLOB), CAST("cue_start" AS BLOB), CAST("cue_end" AS BLOB));
UPDATE voices SET seal = seal(CAST("article_id" AS BLOB), CAST("speaker" AS BLOB), CAST("office" AS BLOB),
    CAST("surname" AS BLOB), CAST("person" AS BLOB), CAST("quotations" AS BLOB));
UPDATE aliases SET seal = seal(CAST("speaker" AS BLOB), CAST("article_id" AS BLOB), CAST("person" AS BLOB));
UPDATE people SET seal = seal(CAST("person" AS BLOB), CAST("name" AS BLOB));
UPDATE turns SET seal = seal(CAST("conversation_id" AS BLOB), CAST("n" AS BLOB), CAST("answer" AS BLOB));
