-- Where an article says who speaks, and by which verb. `pullquote rebuild` fills it in for articles already there.
ALTER TABLE quotations ADD COLUMN mention_start INTEGER;
ALTER TABLE quotations ADD COLUMN mention_end INTEGER;
ALTER TABLE quotations ADD COLUMN cue_start INTEGER;
ALTER TABLE quotations ADD COLUMN cue_end INTEGER;
