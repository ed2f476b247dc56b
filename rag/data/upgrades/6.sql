-- Which passages lie around a quotation, and who says something with which verb, is told by indexes alone: to read the
-- large rows of passages for it took most of the time of a question.
DROP INDEX passages_by_article;
CREATE INDEX passages_by_article ON passages(article_id, start, "end");
DROP INDEX IF EXISTS quotations_by_voice;
CREATE INDEX quotations_by_voice ON quotations(article_id, speaker, cue);
DROP INDEX voices_by_person;
CREATE INDEX voices_by_person ON voices(person, speaker);
