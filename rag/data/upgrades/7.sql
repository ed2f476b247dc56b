-- With every revision that comes or goes SQLite looks for what refers to it: without these, in every passage and quotation.
CREATE INDEX articles_by_revision ON articles(revision_id);
CREATE INDEX passages_by_revision ON passages(revision_id);
CREATE INDEX quotations_by_revision ON quotations(revision_id);
