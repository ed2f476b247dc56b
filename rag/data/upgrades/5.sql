-- "O’Brien" is one word of a name, and what the user decides about one article says nothing of others. Who everybody
-- is, is found anew when the library is opened, and keys that the user's decisions name are changed along.
UPDATE voices SET surname = '', settled = 0;
DELETE FROM people WHERE person NOT IN (SELECT person FROM aliases);
