import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, test } from 'node:test';
import { type Reader, type Sql, sql } from '#kernel/database.ts';
import { type CorrespondenceId, newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import { createTown } from '../testing/town.ts';
import { type Search, searchMessages } from './search.ts';

/**
 * How much the database reads for a list, beside a great many messages of one agency in one resource. What holds here holds for ten
 * million: each plan reads an index from where it begins, and stops.
 */
const many = 60_000;
const town = await createTown();
const { db } = town.world;
const resource = 'brev' as ResourceId;
const { agency, municipality, citizen } = town;
const other = newId<PartyId>();

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly Plan[];
}

const flat = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(flat)];

/** What a search reads: pages, indexes, and tables that it reads from end to end. */
async function planOf(search: Partial<Search>): Promise<{ pages: number; indexes: string[]; whole: string[] }> {
  let asked: Sql | undefined;
  const reader = {
    all: async (query: Sql) => {
      asked = query;
      return [];
    },
  } as unknown as Reader;
  const nothing = { recipient: null, sender: null, status: null, from: null, to: null, sendersReference: null, after: null };
  await searchMessages(reader, { resource, ...nothing, ...search });
  const { rows } = await db.pool.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>({
    text: `explain (analyze, buffers, timing off, format json) ${asked!.text}`,
    values: [...asked!.values],
  });
  const [{ Plan: top }] = rows[0]!['QUERY PLAN'];
  const nodes = flat(top);
  return {
    pages: top['Shared Hit Blocks'] + top['Shared Read Blocks'],
    indexes: nodes.flatMap((node) => node['Index Name'] ?? []),
    whole: nodes.flatMap((node) => (node['Node Type'] === 'Seq Scan' ? (node['Relation Name'] ?? []) : [])),
  };
}

before(async () => {
  await db.transaction(async (tx) => {
    await tx.run(sql`set local session_replication_role = replica`);
    await tx.run(sql`
      insert into correspondence.submission (id, resource_id, owner_id, senders_reference, language, title, body, requested_publish_at, content_sha256,
             created_by, created_at)
      select md5('s' || n)::uuid, ${resource}, ${agency.id}, 'sak-' || n, 'nb', 't', 'b', clock.now() - n * interval '1 minute', repeat('0', 64),
             case when n % 1000 = 0 then ${other}::uuid else ${agency.id}::uuid end, clock.now()
        from generate_series(1, ${many}::integer) as n`);
    await tx.run(sql`
      insert into correspondence.message (id, submission_id, resource_id, owner_id, recipient_id, requested_publish_at, state, published_at)
      select md5('m' || n)::uuid, md5('s' || n)::uuid, ${resource}, ${agency.id},
             case when n % 20000 = 0 then ${citizen.id}::uuid when n % 3 = 0 then ${municipality.id}::uuid else md5('p' || n % 5000)::uuid end,
             clock.now() - n * interval '1 minute', case when n % 30000 = 0 then 'Failed' else 'Published' end, clock.now()
        from generate_series(1, ${many}::integer) as n`);
    await tx.run(sql`
      insert into correspondence.status (id, message_id, status, text, at)
      select md5(s || n)::uuid, md5('m' || n)::uuid, s, s, clock.now()
        from generate_series(1, ${many}::integer) as n, unnest(case when n % 30000 = 0 then array['Failed'] else array['ReadyForPublish', 'Published'] end) as s`);
  });
  await db.pool.query('analyze correspondence.submission, correspondence.message, correspondence.status');
});

const sender = { owner: agency.id, by: null };
const aDay = { from: new Date(Date.now() - 86_400_000), to: new Date() };
const cases: readonly (readonly [string, Partial<Search>, string, pages: number])[] = [
  ['everything that a sender has sent', { sender }, 'message_sent', 3000],
  ['a window of it', { sender, ...aDay }, 'message_sent', 3000],
  ['the next page of it', { sender, after: createHash('md5').update('m2000').digest('hex') as CorrespondenceId }, 'message_sent', 3000],
  ['what a sender has sent and was published', { sender, status: 'Published' }, 'message_sent', 3000],
  ['what has failed', { sender, status: 'Failed' }, 'status_rare', 300],
  ["a sender's reference", { sender, sendersReference: 'sak-4711' }, 'submission_reference', 100],
  ['everything that a large recipient has received', { recipient: municipality.id }, 'message_inbox', 3000],
  ['what a small recipient has received', { recipient: citizen.id }, 'message_inbox', 100],
  ['what was sent in a resource of another', { sender: { owner: agency.id, by: [other] } }, 'submission_for_another', 1000],
  ['both sides', { recipient: municipality.id, sender }, 'message_inbox', 6000],
];
for (const [what, search, index, pages] of cases) {
  test(`given ${many} messages, when ${what} is listed, then it is found by ${index} and little else is read`, async () => {
    const plan = await planOf(search);
    assert.deepEqual(plan.whole, []);
    assert.ok(plan.indexes.includes(index), plan.indexes.join(' '));
    assert.ok(plan.pages < pages, `${plan.pages} pages`);
  });
}

test('given pages of a list, when one is asked for after the other, then together they are the whole, in its order', async () => {
  const all = { resource, recipient: null, status: null, sendersReference: null, from: new Date(Date.now() - 3000 * 60_000), to: null };
  const found: CorrespondenceId[] = [];
  for (let after: CorrespondenceId | null = null; ; ) {
    const page = await searchMessages(db, { ...all, sender, after });
    if (page.length === 0) break;
    found.push(...page);
    after = page.at(-1)!;
  }
  const expected = await db.all<{ id: CorrespondenceId }>(sql`
    select id from correspondence.message where owner_id = ${agency.id} and requested_publish_at > ${all.from} order by requested_publish_at desc, id`);
  assert.deepEqual(
    found,
    expected.map(({ id }) => id),
  );
  assert.ok(found.length > 2000);
});
