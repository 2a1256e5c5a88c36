import { type Invariant, sql } from '#kernel/database.ts';
import { unreadComparisons } from './decide/decide.ts';
import { attribute, category, type Match, matching } from './policy.ts';

/** What `decide` can read, as `category attribute`. */
const readable = Object.values(category).flatMap((categoryName) =>
  Object.values(attribute)
    .filter((name) => isReadable({ category: categoryName, attribute: name, match: matching.equal, value: '' }))
    .map((name) => `${categoryName} ${name}`),
);

function isReadable(match: Match): boolean {
  return unreadComparisons([{ effect: 'permit', actions: [], target: [[[match]]] }]).length === 0;
}

/** Each query must return no rows. */
export const accessInvariants: readonly Invariant[] = [
  {
    name: 'no administrator has access by administering',
    find: sql`
      select has as role from access.role_implication where has in ('hovedadministrator', 'tilgangsstyrer') and kind = 'has'
      union all
      select role from access.role_package where role in ('hovedadministrator', 'tilgangsstyrer') and has_access limit 100`,
  },
  {
    name: 'whatever follows from a role by several steps stands as one',
    find: sql`
      select a.has, b.gets from access.role_implication a join access.role_implication b on b.has = a.gets
       where a.kind = 'has' and b.kind = 'has' and a.has <> b.gets
         and not exists (select from access.role_implication c where c.has = a.has and c.gets = b.gets and c.kind = 'has') limit 100`,
  },
  {
    name: 'no policy compares what cannot be read',
    find: sql`
      select distinct u.resource_id as resource, u.ordinal
        from access.rule u
        cross join lateral jsonb_array_elements(u.target) a (any_of) cross join lateral jsonb_array_elements(a.any_of) b (all_of)
        cross join lateral jsonb_array_elements(b.all_of) c (m)
       where not (c.m ->> 'category') || ' ' || (c.m ->> 'attribute') = any(${readable}::text[])
          or not (c.m ->> 'match') = any(${Object.values(matching)}::text[]) limit 100`,
  },
  {
    name: 'no grant stands a quarter of an hour after its end',
    find: sql`
      select id from access.access_grant where revoked_at is null and expires_at < clock.now() - interval '15 minutes' limit 100`,
  },
  {
    name: 'confidential follows from the packages of a resource',
    find: sql`
      select id as resource from access.resource
       where confidential and not packages && array['post-til-virksomheten-med-taushetsbelagt-innhold', 'eksplisitt'] limit 100`,
  },
];
