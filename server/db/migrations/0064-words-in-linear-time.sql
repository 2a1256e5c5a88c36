-- feature: inbox
-- why:     PostgreSQL's parser of words takes time by the square of a text of _a_a_a…: 30 000 characters took longer than a statement may,
--          and the inbox of everybody waited behind that letter. An underscore divides words for the parser in any case
create or replace function inbox.words_of(title text, sender text, body text) returns tsvector language sql immutable parallel safe as $$
  select setweight(to_tsvector('pg_catalog.simple', t) || to_tsvector('pg_catalog.norwegian', t) || to_tsvector('pg_catalog.english', t), 'A')
      || setweight(to_tsvector('pg_catalog.simple', s), 'B')
      || setweight(to_tsvector('pg_catalog.norwegian', b) || to_tsvector('pg_catalog.english', b), 'C')
    from (select translate(left(title, 1000), '_', ' ') as t, translate(left(sender, 1000), '_', ' ') as s,
                 translate(left(body, 50000), '_', ' ') as b) as written
$$;
