--! database sark
--! login readonly
--! param words text -- words with anything between them: production gateway, or a whole name
--! param rows integer = 20 -- so many
--! returns id, name, endpoint, created_at

-- Which servers have these words in their name or endpoint?
--
-- All of them, in any grammatical form, those in a URL too. "production" does not find preproduction: for parts of words
-- see servers-by-substring. Punctuation becomes blanks, as it did in the column: otherwise a pasted name would be one
-- hyphenated word, which is nowhere.

select s.id, s.name, s.endpoint, s.created_at
  from public.servers as s
 where s.search_vector @@ pg_catalog.plainto_tsquery(
         'pg_catalog.english', pg_catalog.regexp_replace(:words, '[^[:alnum:]]+', ' ', 'g'))
 order by s.created_at desc, s.id desc
 limit :rows;
