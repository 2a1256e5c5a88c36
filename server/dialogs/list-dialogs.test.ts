import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { saveGrants, saveRoleAssignments } from '#access/index.ts';
import { dialogIdOf } from '#correspondence/index.ts';
import { type Sql, sql } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId, ResourceId } from '#kernel/ids.ts';
import { organizationCaller, personCaller } from '../../test/world.ts';
import { createTown, letter, send } from '../correspondence/testing/town.ts';
import { listDialogFacts, listPlaces } from './store/dialog.ts';
import { enduser, openDoor, withScope } from './testing/door.ts';

const town = await createTown();
const { world, agency, citizen, municipality, leader } = town;
const other = await world.organization('ANNEN ETAT', { orgCode: 'annen' });
await world.resource('annet', other);
await world.resource('bare-hoyt', agency, { minLevel: 4 });
const helper = await world.person('HJELPER');
const many = await world.person('MYE POST');
const chair = await world.person('LEDER OVERALT');
const door = await openDoor(world, {
  citizen: withScope(personCaller(citizen)),
  leader: withScope(personCaller(leader)),
  helper: withScope(personCaller(helper)),
  many: withScope(personCaller(many)),
  chair: withScope(personCaller(chair)),
  owner: withScope(organizationCaller(agency, []), 'altinn:serviceowner'),
});

interface Listed {
  readonly items: readonly { readonly id: string; readonly contentUpdatedAt: string }[];
  readonly hasNextPage: boolean;
  readonly continuationToken: string | null;
}
const urn = ({ kind, number }: { kind: string; number: string | null }) => `urn:altinn:${kind}:identifier-no:${number}`;

async function list(by: string, query: Record<string, string | string[]> = {}): Promise<Listed> {
  const parameters = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one])),
  );
  const { status, body } = await door.ask('GET', `${enduser}/dialogs?${parameters}`, by);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}
const idsOf = ({ items }: Listed) => items.map(({ id }) => id);

/** Letters to Ola, a minute between them, oldest first. */
const sent: CorrespondenceId[] = [];
let toConfirm: CorrespondenceId;
let fromOther: CorrespondenceId;
let process: CorrespondenceId;
before(async () => {
  const due = new Date(world.ctx.now().getTime() + 864e5).toISOString();
  const add = async (body: Parameters<typeof send>[1], sender = town.sender) => {
    await world.advance(60);
    const id = await send({ ...town, sender }, body);
    sent.push(id);
    return id;
  };
  await add(letter([citizen], { sendersReference: 'den-ene' }));
  toConfirm = await add(letter([citizen], { isConfirmationNeeded: true, dueDateTime: due }));
  fromOther = await add(
    letter([citizen], { resourceId: 'annet' }),
    organizationCaller(other, ['altinn:serviceowner', 'altinn:correspondence.write']),
  );
  process = await add(letter([citizen], { externalReferences: [{ referenceType: 'DialogportenProcessId', referenceValue: 'p-1' }] }));
  await add(letter([citizen]));
});
const dialogs = (...ids: CorrespondenceId[]) => ids.map(dialogIdOf);

test('given five letters, when they are listed in pages of two, both ways round, then each comes once and in order', async () => {
  for (const order of ['', 'contentUpdatedAt_asc']) {
    const seen: string[] = [];
    let token: string | null = null;
    for (let pages = 0; pages < 4; pages++) {
      const page: Listed = await list('citizen', {
        limit: '2',
        ...(order ? { orderBy: order } : {}),
        ...(token ? { continuationToken: token } : {}),
      });
      seen.push(...idsOf(page));
      token = page.continuationToken;
      assert.equal(page.hasNextPage, token !== null);
      if (!token) break;
    }
    assert.deepEqual(seen, order ? dialogs(...sent) : dialogs(...sent).reverse());
  }
});

test('given filters, when dialogs are listed, then each leaves what it says', async () => {
  const [first, last] = [sent[0]!, sent[4]!];
  const cases: readonly (readonly [Record<string, string | string[]>, readonly string[]])[] = [
    [{ status: 'requiresattention' }, dialogs(toConfirm)],
    [{ status: ['NotApplicable', 'RequiresAttention'] }, dialogs(...sent).reverse()],
    [{ status: 'Completed' }, []],
    [{ org: 'annen' }, dialogs(fromOther)],
    [{ org: ['annen', 'ETATEN'] }, dialogs(...sent).reverse()],
    [{ serviceResource: 'urn:altinn:resource:annet' }, dialogs(fromOther)],
    [{ externalReference: 'den-ene' }, dialogs(first)],
    [{ process: 'p-1' }, dialogs(process)],
    [{ extendedStatus: 'x' }, []],
    [{ dueBefore: new Date(world.ctx.now().getTime() + 2 * 864e5).toISOString() }, dialogs(toConfirm)],
    [{ systemLabel: 'Archive' }, []],
    [{ systemLabel: ['Default', 'Bin'] }, dialogs(...sent).reverse()],
    [{ isContentSeen: 'true' }, []],
    [{ party: urn(citizen) }, dialogs(...sent).reverse()],
    [{ party: urn(municipality) }, []],
    [{ party: 'urn:altinn:person:identifier-no:12345678901' }, []],
  ];
  for (const [query, expected] of cases) assert.deepEqual(idsOf(await list('citizen', query)), expected, JSON.stringify(query));
  const [middle] = (await list('citizen', { limit: '1', continuationToken: (await list('citizen', { limit: '2' })).continuationToken! }))
    .items;
  for (const name of ['contentUpdated', 'updated', 'created']) {
    const after = idsOf(await list('citizen', { [`${name}After`]: middle!.contentUpdatedAt }));
    const earlier = idsOf(await list('citizen', { [`${name}Before`]: middle!.contentUpdatedAt }));
    assert.deepEqual([after.length, earlier.length], [3, 3], name); // both bounds are included
    assert.ok(after.includes(dialogIdOf(last)) && earlier.includes(dialogIdOf(first)));
  }
});

test('given what a list does not offer or never gave, when it is asked for, then it is refused', async () => {
  const { continuationToken } = await list('citizen', { limit: '1' });
  const refused: readonly (readonly [string, number, number])[] = [
    ['search=barn', 422, 9855],
    ['orderBy=dueAt', 422, 9855],
    ['continuationToken=tull', 422, 9856],
    [`continuationToken=${continuationToken}&orderBy=contentUpdatedAt_asc`, 422, 9856],
    ...['2026-99-99T00:00:00', '2026-02-30T10:00:00', '0000-01-01T00:00:00', '2026-01-01T24:00:00', '2026-01-01T23:59:60'].map((time) => {
      const token = Buffer.from(`${time}.000000Z_0198f0a0-0000-7000-8000-000000000000_desc`).toString('base64url');
      return [`continuationToken=${token}`, 422, 9856] as const;
    }),
  ];
  for (const [query, status, code] of refused) {
    const answer = await door.ask('GET', `${enduser}/dialogs?${query}`, 'citizen');
    assert.deepEqual([answer.status, answer.body.errorCode], [status, code], query);
  }
  for (const query of ['limit=0', 'limit=1001', 'status=Nothing', Array.from({ length: 21 }, (_, i) => `org=o${i}`).join('&')])
    assert.equal((await door.ask('GET', `${enduser}/dialogs?${query}`, 'citizen')).status, 400, query);
});

test('given post that a reader may not read, when it lists, then it sees nothing of it: sealed, of others, or above its login', async () => {
  const sealed = await send(town, letter([municipality], { resourceId: 'taushetsbelagt', isConfidential: true }));
  const ordinary = await send(town, letter([municipality]));
  const high = await send(town, letter([municipality], { resourceId: 'bare-hoyt' }));
  for (const [method, path, body] of [
    ['GET', '', undefined],
    ['GET', '/seenlog', undefined],
    ['PUT', '/context/systemlabels', { addLabels: ['Bin'] }],
  ] as const) {
    const answer = await world.nothingWritten(() => door.ask(method, `${enduser}/dialogs/${dialogIdOf(high)}${path}`, 'leader', { body }));
    assert.deepEqual(
      [answer.status, answer.body.errorCode, answer.body.detail],
      [403, 9851, 'The dialog asks for a login of level 4'],
      path,
    );
    for (const [by, id] of [
      ['helper', high],
      ['leader', sealed],
    ] as const) {
      const stranger = await world.nothingWritten(() => door.ask(method, `${enduser}/dialogs/${dialogIdOf(id)}${path}`, by, { body }));
      assert.deepEqual([stranger.status, stranger.body.errorCode], [404, 9850], `${by} ${path}`);
    }
  }
  assert.deepEqual(idsOf(await list('leader')), dialogs(ordinary));
  assert.deepEqual(idsOf(await list('helper', { party: urn(municipality) })), []);
  const owner = await door.ask('GET', `${enduser}/dialogs`, 'owner');
  assert.deepEqual([owner.status, owner.body.errorCode], [403, 9852]);
  await world.grant(leader, municipality, { package: 'post-til-virksomheten-med-taushetsbelagt-innhold' });
  assert.deepEqual(idsOf(await list('leader')), dialogs(ordinary, sealed));
});

test('given one who acts for more than a hundred parties, when it lists without naming one, then it is asked to, and a named one is listed', async () => {
  const parties = await Promise.all(Array.from({ length: 101 }, (_, i) => world.organization(`LAG ${i}`)));
  await world.db.transaction(async (tx) =>
    saveRoleAssignments(
      tx,
      parties.map(({ id }) => ({ holder: chair.id, role: 'DAGL', at: id })),
    ),
  );
  const all = await door.ask('GET', `${enduser}/dialogs`, 'chair');
  assert.deepEqual([all.status, all.body.errorCode], [422, 9857]);
  const id = await send(town, letter([parties[100]!]));
  assert.deepEqual(idsOf(await list('chair', { party: parties.slice(90).map(urn) })), dialogs(id));
});

test('given one letter that was given by itself, when its holder lists, then that one is there and no other', async () => {
  const one = await send(town, letter([municipality]));
  await send(town, letter([municipality]));
  await world.db.transaction(async (tx) =>
    saveGrants(tx, [{ at: municipality.id, to: helper.id, resource: 'brev' as ResourceId, instance: one, actions: ['read'] }]),
  );
  assert.deepEqual(idsOf(await list('helper')), dialogs(one));
  assert.deepEqual(idsOf(await list('helper', { serviceResource: 'annet' })), []);
  assert.equal((await door.ask('GET', `${enduser}/dialogs/${dialogIdOf(one)}`, 'helper')).status, 200);
});

test('given a party with 40 000 letters, when its newest are listed, then they are found by key in the index, and only those that are listed', async () => {
  await fill(many.id, 40_000);
  const places = await listPlaces(world.db, [many.id]);
  assert.deepEqual(
    places.map(({ resource }) => resource),
    ['brev', 'res-0', 'res-1', 'res-2'],
  );
  const page = await list('many', { limit: '100' });
  assert.equal(page.items.length, 100);
  const rare = await list('many', { status: 'RequiresAttention', limit: '10' });
  assert.deepEqual([rare.items.length, rare.hasNextPage], [0, true]); // a thousand were looked at
  const after = { at: page.items.at(-1)!.contentUpdatedAt, id: '0198f0a0-0000-7000-8000-000000000000' as CorrespondenceId };
  for (const from of [null, after]) {
    const { text, buffers } = await planOf((reader) =>
      listDialogFacts(reader, { places, singles: [], after: null, before: null, newestFirst: true, from, limit: 101 }),
    );
    assert.match(text, /message_dialog/);
    assert.doesNotMatch(text, /Seq Scan on message|message_inbox/);
    assert.ok(buffers < 4_000, `${buffers} pages were read:\n${text}`);
  }
  const { text, buffers } = await planOf((reader) => listPlaces(reader, [many.id]));
  assert.ok(buffers < 100, `${buffers} pages were read:\n${text}`);
});

/** Published letters that were sent by nobody: what a list walks over. */
async function fill(party: PartyId, count: number): Promise<void> {
  for (const n of [0, 1, 2]) await world.resource(`res-${n}`, agency);
  const like = await send(town, letter([many]));
  await world.db.transaction(async (tx) => {
    await tx.run(sql`set local session_replication_role = replica`); // no watch is kept on them
    await tx.run(sql`
      insert into correspondence.message (id, submission_id, resource_id, owner_id, recipient_id, requested_publish_at, state, published_at)
      select overlay(overlay(gen_random_uuid()::text placing '7' from 15) placing '0198f0a0' from 1 for 8)::uuid, m.submission_id,
             'res-' || n % 3, m.owner_id, ${party}, m.requested_publish_at - n * interval '1 second', 'Published', m.published_at - n * interval '1 second'
        from correspondence.message m, generate_series(1, ${count}) as n where m.id = ${like}`);
  });
  await world.db.transaction(async (tx) => void (await tx.run(sql`analyze correspondence.message`)));
}

/** The plan of the one statement that `work` asks for, run, with the pages that it read. */
async function planOf(work: (reader: Parameters<typeof listPlaces>[0]) => Promise<unknown>): Promise<{ text: string; buffers: number }> {
  const asked: Sql[] = [];
  const note = async (query: Sql) => {
    asked.push(query);
    return [];
  };
  await work({ all: note, maybe: note, one: note } as never);
  const [query] = asked as [Sql];
  const rows = await world.db.all<{ 'QUERY PLAN': string }>({ ...query, text: `explain (analyze, buffers) ${query.text}` });
  const text = rows.map((row) => row['QUERY PLAN']).join('\n');
  const [, hit, , read] = /Buffers: shared hit=(\d+)( read=(\d+))?/.exec(text) ?? [];
  return { text, buffers: Number(hit ?? 0) + Number(read ?? 0) };
}
