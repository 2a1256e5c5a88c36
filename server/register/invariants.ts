import { type Invariant, sql } from '#kernel/database.ts';

/** Each query must return no rows. */
export const registerInvariants: readonly Invariant[] = [
  {
    name: 'no unit lies above itself',
    find: sql`
      with recursive above (id, parent_id, depth) as (
        select id, parent_id, 1 from register.party where parent_id is not null
        union all
        select a.id, p.parent_id, depth + 1 from above a join register.party p on p.id = a.parent_id where p.parent_id is not null and depth < 10)
      select distinct id from above where id = parent_id or depth = 10 limit 100`,
  },
  {
    name: 'a main unit is an organization, and so is the owner of a system user',
    find: sql`
      select c.id from register.party c join register.party p on p.id = c.parent_id where p.kind <> 'organization' limit 100`,
  },
  {
    name: 'a system user has an owner',
    find: sql`select id from register.party where kind = 'system-user' and parent_id is null limit 100`,
  },
];
