import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import { organizationCaller, scopes } from '../../../test/world.ts';
import { initializeCorrespondence } from '../../correspondence/send/initialize-correspondence.ts';
import { settleReports } from '../../notifications/reports/settle-reports.ts';
import type { SenderMails } from '../mail/wire.ts';
import { createTown, enduser, letter, send } from '../testing/town.ts';
import type { Board, BoardItem, Summary } from './wire.ts';
import { field } from './write-csv.ts';

const town = await createTown();
const { world, citizen, municipality, orphan, leading, reading } = town;
const nameless = await world.person('=cmd|"/C calc"!A1', {});
const secret = 'HEMMELIG TITTEL';
const titled = { content: { messageTitle: secret, messageBody: `${secret} i teksten` } };

const ids = {
  citizen: await send(town, letter([citizen], titled)),
  leader: await send(town, letter([municipality], titled)),
  nobody: await send(town, letter([orphan], titled)),
  sealed: await send(town, letter([municipality], { ...titled, resourceId: 'taushetsbelagt', isConfidential: true })),
  nameless: await send(town, letter([nameless], titled)),
};
await town.days(8);
const late = await send(
  town,
  letter([citizen], { ...titled, requestedPublishTime: new Date(world.ctx.now().getTime() + 864_000_000).toISOString() }),
);
const opened = await send(town, letter([citizen], titled));
await town.open(opened, reading);
const unconfirmed = await send(
  town,
  letter([municipality], {
    ...titled,
    isConfirmationNeeded: true,
    dueDateTime: new Date(world.ctx.now().getTime() + 20 * 864e5).toISOString(),
  }),
);
await town.open(unconfirmed, leading);

const board = (query = '', by = 'sender') => town.json<Board>(`GET /unread${query}`, by);
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code?: string }).code];

test('given post that lies unread for many reasons, when its sender looks, then each piece stands there with the cause that its watch has, oldest first', async () => {
  const { items, next } = await board();

  assert.equal(next, null);
  assert.deepEqual(
    items.map(({ id }) => id),
    [...Object.values(ids), late, unconfirmed],
  );
  for (const item of items) {
    const watch = await town.watch(item.id);
    const of = ({ cause, class: reach, openers, grantors }: BoardItem | typeof watch) => ({ cause, reach, openers, grantors });
    assert.deepEqual(of(item), of(watch));
    assert.deepEqual([item.nextStep, item.nextStepAt], [watch.nextAction, watch.nextActionAt]);
    const turn = watch.steps.find(({ name, state }) => name === watch.nextAction && state === 'due');
    assert.equal(item.nextStepWho, turn?.who ?? null);
  }
  assert.deepEqual(
    items.map(({ cause }) => cause),
    [
      'notified-not-opened',
      'notified-not-opened',
      'no-opener',
      'grant-needed',
      'no-contact-point',
      'not-published',
      'opened-not-confirmed',
    ],
  );
  const [first] = items;
  assert.deepEqual(first!.recipient, { name: citizen.name, number: citizen.number, kind: 'person' });
  assert.deepEqual([first!.ageDays, first!.lastStep!.name, first!.decisionAsked, first!.kind], [8, 'tell-sender', false, 'message']);
  assert.deepEqual(first!.decisions, ['recall', 'resend', 'read-elsewhere', 'accept-as-unread']);
  assert.ok(new Set(items.map(({ nextStepWho }) => nextStepWho)).size > 1, 'some turn to others than some');
  assert.deepEqual(items.at(-1)!.decisions, ['accept-as-unread'], 'who has opened leaves nothing to take back');
});

test('given the board, when it is filtered and paged, then every piece comes once and no other', async () => {
  const idsOf = async (query: string) => (await board(query)).items.map(({ id }) => id);
  assert.deepEqual(await idsOf('?cause=no-opener&cause=grant-needed'), [ids.nobody, ids.sealed]);
  assert.deepEqual(await idsOf('?olderThan=P7D&sort=newest'), Object.values(ids).toReversed());
  assert.deepEqual(await idsOf(`?recipient=${municipality.number}&confidential=false`), [ids.leader, unconfirmed]);
  assert.deepEqual(await idsOf('?resource=taushetsbelagt'), [ids.sealed]);
  assert.deepEqual(await idsOf('?kind=file'), []);
  assert.deepEqual(await idsOf('?recipient=310000000'), []);
  const several = `?recipient=${orphan.number}&recipient=${nameless.number}&recipient=310000000`;
  assert.deepEqual(await idsOf(several), [ids.nobody, ids.nameless]);

  const times = (await board('?sort=next')).items.map(({ nextStepAt }) => nextStepAt);
  assert.deepEqual([times.length, times], [7, times.toSorted()]);
  for (const sort of ['oldest', 'newest', 'next']) {
    const seen: string[] = [];
    for (let after = ''; ; ) {
      const page = await board(`?limit=2&sort=${sort}${after}`);
      seen.push(...page.items.map(({ id }) => id));
      if (!page.next) break;
      after = `&after=${page.next}`;
    }
    assert.deepEqual(seen, await idsOf(`?sort=${sort}`));
  }
});

test('given the board, when it is summed, then the groups add up to it, and who has most comes first', async () => {
  const summary = await town.json<Summary>('GET /unread/summary', 'sender');

  const { items } = await board();
  assert.equal(summary.total, items.length);
  assert.equal(
    summary.groups.reduce((sum, { count }) => sum + count, 0),
    items.length,
  );
  assert.deepEqual(
    summary.groups.find(({ cause }) => cause === 'no-opener'),
    {
      cause: 'no-opener',
      age: 'd8to30',
      resource: 'brev',
      count: 1,
      oldest: (await town.watch(ids.nobody)).publishedAt,
    },
  );
  assert.deepEqual([summary.recipients[0]!.name, summary.recipients[0]!.count], [municipality.name, 3]);
  assert.equal((await town.json<Summary>('GET /unread/summary?olderThan=P7D', 'sender')).total, 5);
});

test('given another sender, a reader and a stranger, when they look, then there is nothing of anybody else, and nothing is written', async () => {
  const municipal = organizationCaller(municipality, scopes.sender);
  town.callers.municipal = municipal;
  town.callers.filesOnly = organizationCaller(town.agency, ['altinn:broker.write']);
  for (const by of ['other', 'municipal', 'filesOnly']) {
    const [list, summary, csv] = await world.nothingWritten(
      async () =>
        [
          await board('', by),
          await town.json<Summary>('GET /unread/summary', by),
          await (await town.call('GET /unread/extract', by)).text(),
        ] as const,
    );
    assert.deepEqual([list.items, summary.total, csv.split('\r\n').length], [[], 0, 2], by);
  }
  for (const path of ['/unread', '/unread/summary', '/unread/extract']) {
    assert.equal((await town.call(`GET ${path}`, 'citizen')).status, 403);
    assert.equal((await town.call(`GET ${path}`, 'nobody')).status, 401);
  }
  const oldest = (await board('?limit=1')).next;
  const next = (await board('?limit=1&sort=next')).next;
  const place = (...parts: string[]) => Buffer.from(parts.join(' ')).toString('base64url');
  for (const query of [
    ...['x', place(ids.citizen, 'x'), next!, place(ids.citizen, citizen.id, '2026-11-30T00:00:00.000000Z', 'x')].map(
      (after) => `after=${after}`,
    ),
    ...[oldest!, place(ids.citizen, citizen.id, '2026-02-30T00:00:00.000000Z')].map((after) => `sort=next&after=${after}`),
  ])
    assert.deepEqual(await codeOf(await town.call(`GET /unread?${query}`, 'sender')), [400, 'BUD-09711'], query);
  for (const query of ['cause=sloth', 'olderThan=7', 'recipient=1', 'limit=0', 'limit=501', 'sort=up'])
    assert.equal((await town.call(`GET /unread?${query}`, 'sender')).status, 400, query);
});

test('given the extract, when it is read, then every line is that of the board, no formula is left, and no title is in any answer', async () => {
  const answer = await town.call('GET /unread/extract?bom=true', 'sender');
  assert.match(answer.headers.get('content-type')!, /^text\/csv; charset=utf-8/);
  assert.match(answer.headers.get('content-disposition')!, /^attachment; filename="ulest-post-.*\.csv"$/);
  const bytes = Buffer.from(await answer.arrayBuffer());
  assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
  const lines = bytes.toString('utf8').slice(1).split('\r\n');
  const { items } = await board();
  assert.equal(lines.length, items.length + 2);
  assert.ok(lines[0]!.startsWith('id,kind,recipient_name,recipient_number,'));
  assert.ok(
    lines.some((line) => line.includes(`,"'=cmd|""/C calc""!A1",${nameless.number},`)),
    lines.join('\n'),
  );

  const withoutNumbers = await (await town.call('GET /unread/extract?numbers=false&cause=no-contact-point', 'sender')).text();
  assert.ok(!withoutNumbers.includes(nameless.number!) && withoutNumbers.includes(ids.nameless));
  const everything = [
    bytes.toString(),
    JSON.stringify(await board()),
    JSON.stringify(await town.json('GET /unread/summary', 'sender')),
  ].join();
  assert.ok(!everything.includes(secret));
});

test('given more post than a page of the extract, when it is streamed, then all of it comes, in order', async () => {
  const many = await world.organization('MANGE AS');
  await send(town, letter([many]));
  await world.db.transaction(async (tx) => {
    await tx.run(sql`
      insert into watch.item (about, party_id, sender_id, resource_id, confidential, confirm_needed, begun_at, ladder, ladder_version, published_at,
                              class, openers, grantors, access_version, computed_at, next_action, next_action_at)
      select gen_random_uuid(), i.party_id, i.sender_id, i.resource_id, false, false, i.begun_at, i.ladder, i.ladder_version, i.published_at,
             i.class, i.openers, i.grantors, i.access_version, i.computed_at, i.next_action, i.next_action_at
        from watch.item i, generate_series(1, 1100) where i.party_id = ${many.id}`);
  });
  const lines = (await (await town.call(`GET /unread/extract?recipient=${many.number}`, 'sender')).text()).split('\r\n').slice(1, -1);
  const seen = lines.map((line) => line.slice(0, 36));
  assert.deepEqual([seen.length, new Set(seen).size], [1101, 1101]);
  assert.deepEqual(seen, seen.toSorted());
});

for (const [value, written] of [
  ['=1+1', "'=1+1"],
  ['+47', "'+47"],
  ['-1', "'-1"],
  ['@sum', "'@sum"],
  ['\t=1', "'\t=1"],
  ['  =1', "'  =1"],
  ['a,b', '"a,b"'],
  ['Firma;=HYPERLINK("http://ondt")', `"Firma;'=HYPERLINK(""http://ondt"")"`],
  ['A; +B', `"A; '+B"`],
  ['si "hei"', '"si ""hei"""'],
  ['linje\nto', '"linje\nto"'],
  ['Øst & Vest', 'Øst & Vest'],
] as const)
  test(`given the text ${JSON.stringify(value)}, when it is a field, then it is ${JSON.stringify(written)}`, () => {
    assert.equal(field(value), written);
  });

test('given a letter to a person that is still to be published, when its sender looks, then neither board, sums nor extract say what the person is called, and when something has come they do', async () => {
  const wanted = await world.person('UKJENT NAVNESEN');
  const soon = new Date(world.ctx.now().getTime() + 864_000_000).toISOString();
  const id = await send(town, letter([wanted], { ...titled, requestedPublishTime: soon }));
  const query = `recipient=${wanted.number}`;
  const told = async () => {
    const extract = await (await town.call(`GET /unread/extract?${query}`, 'sender')).text();
    const { recipients } = await town.json<Summary>(`GET /unread/summary?${query}`, 'sender');
    const names = (await board(`?${query}`)).items.map((item) => [item.id, item.recipient.name]);
    return [names, recipients.map(({ name }) => name), extract.includes('NAVNESEN')];
  };
  const masked = `${wanted.number!.slice(0, 6)} *****`;
  assert.deepEqual(await told(), [[[id, masked]], [masked], false]);
  const other = await send(town, letter([wanted], titled));
  assert.deepEqual(
    await told(),
    [
      [
        [id, masked],
        [other, wanted.name],
      ],
      [wanted.name],
      true,
    ],
    'whoever was sent something is called by name',
  );
});

const house = await world.organization('HOVEDENHETEN', { email: 'hoved@enhet.example' });
const unit = await world.organization('AVDELINGEN', { parentNumber: house.number! });
const mails = (by: string, query = '') => town.json<SenderMails>(`GET /unread/mails${query}`, by);

test('given a sender and its subunit without an address, when mails about their post have gone, one was not taken at first and came back later, then each sees its own with every attempt, in whole where the address is its own', async () => {
  town.callers.house = organizationCaller(house, scopes.sender);
  town.callers.unit = organizationCaller(unit, scopes.sender);
  for (const [resource, owner] of [
    ['hus-post', house],
    ['avdeling-post', unit],
  ] as const)
    await world.resource(resource, owner, {});
  assert.deepEqual(await mails('house'), { mails: [], next: null });

  const sent = (caller: Caller, resourceId: string) =>
    initializeCorrespondence(world.ctx, caller, { body: letter([orphan], { ...titled, resourceId }), files: [] });
  await sent(town.callers.house, 'hus-post');
  const usual = town.ctx.mail.send;
  Object.assign(town.ctx.mail, { send: async () => ({ kind: 'later', answer: '451 4.7.1 greylisted hoved@enhet.example' }) });
  await town.days(0);
  Object.assign(town.ctx.mail, { send: usual });
  await world.advance(3600);
  await town.days(0);
  const [first, ...none] = (await mails('house')).mails;
  assert.deepEqual(none, []);
  assert.deepEqual(
    [first!.purpose, first!.address, first!.toOther, first!.state, first!.tries],
    ['sender-unread', 'hoved@enhet.example', null, 'handed-over', 2],
  );
  assert.deepEqual(
    first!.attempts.map(({ outcome, answer }) => [outcome, answer]),
    [
      ['later', '451 4.7.1 greylisted hoved@enhet.example'],
      ['handed-over', 'ok'],
    ],
  );
  await settleReports(world.ctx, [
    { notice: first!.id, messageId: null, outcome: 'failed', reason: 'mailbox-full', answer: '552 5.2.2 hoved@enhet.example is full' },
  ]);
  const [bounced] = (await mails('house')).mails;
  assert.deepEqual(
    [bounced!.state, bounced!.failure, bounced!.answer],
    ['failed', 'mailbox-full', '552 5.2.2 hoved@enhet.example is full'],
  );

  await world.advance(86_400);
  await sent(town.callers.unit, 'avdeling-post');
  await town.days(0);
  const [elsewhere, ...noMore] = (await mails('unit')).mails;
  assert.deepEqual(noMore, []);
  assert.deepEqual(
    [elsewhere!.address, elsewhere!.toOther, elsewhere!.state, elsewhere!.answer],
    ['h•••@e•••.example', house.name, 'handed-over', null],
  );
  assert.ok(!JSON.stringify(elsewhere).includes('hoved@'));
  const whole = (await mails('house')).mails;
  assert.deepEqual(
    whole.map(({ id }) => id),
    [elsewhere!.id, first!.id],
    'who hears for it sees it as its own, the latest first',
  );
  const page = await mails('house', '?limit=1');
  assert.deepEqual([page.mails.map(({ id }) => id), page.next], [[elsewhere!.id], elsewhere!.id]);
  assert.deepEqual(await mails('house', `?limit=1&before=${page.next}`), { mails: [whole[1]!], next: null });
  assert.ok(!JSON.stringify(whole).includes(secret));
});

test('given post about which its sender has been asked to decide, and post that is new, when the board is narrowed by that, then either stands alone, in the sum and the extract too', async () => {
  const slow = await world.person('SEN SVAR', {});
  const old = await send(town, letter([slow], titled));
  await town.days(15);
  const fresh = await send(town, letter([slow], titled));
  const of = `recipient=${slow.number}`;
  const idsOf = async (query: string) => (await board(`?${of}${query}`)).items.map(({ id, decisionAsked }) => [id, decisionAsked]);
  assert.deepEqual(await idsOf(''), [
    [old, true],
    [fresh, false],
  ]);
  assert.deepEqual(await idsOf('&decisionAsked=true'), [[old, true]]);
  assert.deepEqual(await idsOf('&decisionAsked=false'), [[fresh, false]]);
  const sumOf = async (query: string) => {
    const { total, decisionAsked } = await town.json<Summary>(`GET /unread/summary?${of}${query}`, 'sender');
    return [total, decisionAsked];
  };
  assert.deepEqual(
    [await sumOf(''), await sumOf('&decisionAsked=true')],
    [
      [2, 1],
      [1, 1],
    ],
  );
  const lines = (await (await town.call(`GET /unread/extract?${of}&decisionAsked=true`, 'sender')).text()).trim().split('\r\n');
  assert.deepEqual([lines.length, lines[1]!.includes(old)], [2, true]);
  assert.equal((await town.call('GET /unread?decisionAsked=maybe', 'sender')).status, 400);
});

test('given mails to a sender, when another sender, a person or a clerk of its own asks for mails, then there are none, or they are refused', async () => {
  town.callers.clerk = {
    ...enduser(town.leader),
    party: house.id,
    scopes: new Set(['altinn:correspondence.write']),
    actor: town.leader.id,
  };
  assert.deepEqual(await mails('other'), { mails: [], next: null });
  assert.deepEqual(await codeOf(await town.call('GET /unread/mails', 'clerk')), [403, 'BUD-09712']);
  assert.equal((await town.call('GET /unread/mails', 'citizen')).status, 403);
  assert.equal((await town.call('GET /unread/mails?before=x', 'house')).status, 400);
});
