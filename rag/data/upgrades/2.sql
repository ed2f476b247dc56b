-- Sentences have vectors of their own. What came in before gets them by `pullquote rebuild --embed`.
ALTER TABLE passages ADD COLUMN sentence_vectors BLOB NOT NULL DEFAULT x'';
