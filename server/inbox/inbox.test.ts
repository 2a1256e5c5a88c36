import assert from 'node:assert/strict';
import { test } from 'node:test';
import { confirmMessage } from '#correspondence/read/confirm-message.ts';
import { openMessage } from '#correspondence/read/open-message.ts';
import { purgeMessage } from '#correspondence/read/purge-message.ts';
import { createTown, type Differs, letter, send, sendAll } from '#correspondence/testing/town.ts';
import { onLabelsChanged } from '#dialogs/index.ts';
import { numberEvents } from '#events/index.ts';
import { listEvidence } from '#evidence/index.ts';
import type { Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import type { Party } from '#register/index.ts';
import { organizationCaller, personCaller } from '../../test/world.ts';
import { countInbox } from './count-inbox.ts';
import { explainEntry, shareEntry, showSeenBy } from './explain-entry.ts';
import { followEvents } from './follow-events.ts';
import { inboxInvariants } from './invariants.ts';
import { listInbox } from './list-inbox.ts';
import { listParties } from './list-parties.ts';
import { listWords } from './list-words.ts';
import { inboxQueues } from './queues.ts';
import { changeLabels } from './set-labels.ts';
import { showEntry } from './show-entry.ts';
import { touch } from './store/entry.ts';
import { follow } from './testing/follow.ts';
import type { InboxQuery, PartyQuery } from './wire.ts';

onLabelsChanged.fill(async (tx, dialogs) => touch(tx, dialogs));
const town = await createTown();
const { world, citizen, municipality, leading, reading } = town;
const { ctx } = world;
let hour = -1000;

/** Sends a letter that was published an hour after the one before. */
async function post(to: Party, title: string, differs: Differs = {}, body = 'Hei.'): Promise<CorrespondenceId> {
  hour += 1;
  const at = new Date(ctx.now().getTime() + hour * 3600_000).toISOString();
  const id = await send(town, letter([to], { requestedPublishTime: at, ...differs, content: { messageTitle: title, messageBody: body } }));
  return id;
}

const titles = async (caller: Caller, query: InboxQuery = {}) => (await listInbox(ctx, caller, query)).items.map(({ title }) => title);
const refusedBy = (code: number) => (error: unknown) => error instanceof Refusal && error.row.code === code;

test('given post to oneself and to a party that one leads, when the inbox is listed, then all of it is there, newest first, and of a stranger nothing', async () => {
  await post(citizen, 'Til Ola');
  await post(municipality, 'Til kommunen');
  await follow(ctx);

  assert.deepEqual(await titles(reading), ['Til Ola']);
  assert.deepEqual(await titles(leading), ['Til kommunen']);
  assert.deepEqual(await titles(leading, { party: municipality.id }), ['Til kommunen']);
  await assert.rejects(listInbox(ctx, leading, { party: citizen.id }), refusedBy(9551));
  await assert.rejects(listInbox(ctx, organizationCaller(municipality, ['altinn:correspondence.read']), {}), refusedBy(9555));
  const stranger = personCaller(await world.person('EN FREMMED'));
  assert.deepEqual(await titles(stranger), []);
});

test('given a line, when it is read, then it says who sent it, to whom, and where it stands now, also before inboxes have followed', async () => {
  const id = await post(citizen, 'Med frist', {
    isConfirmationNeeded: true,
    dueDateTime: new Date(ctx.now().getTime() + 86_400_000 * 30).toISOString(),
  });
  await follow(ctx);
  const line = async () => (await listInbox(ctx, reading, {})).items.find((item) => item.id === id)!;
  const before = await line();
  assert.deepEqual(
    [
      before.kind,
      before.sender.name,
      before.recipient.name,
      before.unread,
      before.confirmNeeded,
      before.confirmedAt,
      before.canOpen,
      before.titleLanguage,
    ],
    ['message', 'ETATEN', 'OLA NORDMANN', true, true, null, true, 'nb'],
  );
  assert.ok(before.dueAt && before.openedAt === null);

  await openMessage(ctx, reading, id);
  const opened = await line();
  assert.deepEqual([opened.unread, opened.openedAt !== null], [false, true], 'at once');
  assert.ok(!(await titles(reading, { unread: true })).includes('Med frist'));
  assert.ok((await titles(reading, { confirm: true })).includes('Med frist'));
  await confirmMessage(ctx, reading, id);
  assert.ok(!(await titles(reading, { confirm: true })).includes('Med frist'));
  await follow(ctx);
  assert.ok((await line()).confirmedAt);
});

test('given pages of a list, when they are read on from each other in each order, then every entry comes once', async () => {
  const person = await world.person('MANGE BREV');
  const caller = personCaller(person);
  for (let i = 0; i < 7; i += 1) {
    await post(person, `Brev ${i}`, { dueDateTime: new Date(ctx.now().getTime() + (10 - i) * 86_400_000).toISOString() });
  }
  await follow(ctx);
  const all = async (sort: 'newest' | 'oldest' | 'due') => {
    const found: (string | null)[] = [];
    let after: string | null | undefined;
    do {
      const page = await listInbox(ctx, caller, { sort, limit: 3, ...(after ? { after } : {}) });
      found.push(...page.items.map(({ title }) => title));
      after = page.next;
    } while (after);
    return found.map((title) => Number(title?.at(-1)));
  };
  assert.deepEqual(await all('newest'), [6, 5, 4, 3, 2, 1, 0]);
  assert.deepEqual(await all('oldest'), [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(await all('due'), [6, 5, 4, 3, 2, 1, 0]);

  const { next } = await listInbox(ctx, caller, { limit: 3 });
  await assert.rejects(listInbox(ctx, caller, { sort: 'oldest', after: next! }), refusedBy(9550));
  const said = Buffer.from(next!, 'base64url').toString('latin1');
  assert.ok(!said.includes(person.id) && !/newest|\d{4}-\d\d/.test(said), 'of the entry that it is at nothing is told: it may be hidden');
  assert.equal((await listInbox(ctx, caller, { limit: 3 })).next, next, 'the same place is the same text');
  const bent = Buffer.from(next!, 'base64url');
  bent[bent.length - 1]! ^= 1;
  const own = Buffer.from(`newest 2026-01-01T00:00:00.000000Z ${person.id} ${person.id}`);
  for (const after of ['x', '', own.toString('base64url'), bent.toString('base64url')])
    await assert.rejects(listInbox(ctx, caller, { after }), refusedBy(9550), after);
});

test('given letters in two languages, when somebody searches, then inflected words, beginnings, titles, senders and texts are found, and only in their own post', async () => {
  const [one, other] = [await world.person('SØKE SEN'), await world.person('ANNEN PERSON')];
  const [caller, neighbour] = [personCaller(one), personCaller(other)];
  await post(one, 'Skattemelding for 2026', {}, 'Vi har behandlet søknadene dine om fradrag.');
  await post(one, 'Byggesak', { messageSender: 'Plan- og bygningsetaten' }, 'Naboene dine har klaget.');
  await post(one, 'Your application', { content: { language: 'en' } } as Differs, 'The applications were granted.');
  await post(other, 'Skattemelding til en annen');
  await sendAll(town, letter([one, other], { content: { messageTitle: 'Fellesbrev om vannavgift', messageBody: 'Avgiftene øker.' } }));
  await follow(ctx);
  const found = async (q: string, who = caller) => (await titles(who, { q })).sort();

  assert.deepEqual(await found('skattem'), ['Skattemelding for 2026']);
  assert.deepEqual(await found('søknad fradrag'), ['Skattemelding for 2026']);
  assert.deepEqual(await found('bygningsetaten'), ['Byggesak']);
  assert.deepEqual(await found('naboer'), ['Byggesak']);
  assert.deepEqual(await found('application'), ['Your application']);
  assert.deepEqual(await found('avgift'), ['Fellesbrev om vannavgift'], 'a letter to several');
  assert.deepEqual(await found('avgift', neighbour), ['Fellesbrev om vannavgift']);
  assert.deepEqual(await found('skattemelding', neighbour), ['Skattemelding til en annen']);
  assert.deepEqual(await found('etaten -byggesak'), ['Fellesbrev om vannavgift', 'Skattemelding for 2026', 'Your application']);
  for (const nothing of ['!!', "'; drop table inbox.entry; --", '|&!()', `p${one.id.replaceAll('-', '')} & x:*`, 'finnesikke', '"'])
    assert.deepEqual(await found(nothing), [], nothing);
  assert.ok((await found(`p${other.id.replaceAll('-', '')}`)).length === 0);
});

test('given confidential post that a leader may not open, when it is listed, searched or counted, then it is not there, until somebody is let in', async () => {
  const clerk = await world.person('SAKSBEHANDLER');
  const id = await post(municipality, 'Barnevernssak', { resourceId: 'taushetsbelagt', isConfidential: true }, 'Kolibri.');
  await follow(ctx);
  const seen = async (caller: Caller) => [
    (await titles(caller, { party: municipality.id })).includes('Barnevernssak'),
    (await titles(caller, { party: municipality.id, q: 'kolibri' })).length > 0,
    (await titles(caller, { party: municipality.id, confidential: true })).length > 0,
    (await countInbox(ctx, caller, { party: municipality.id })).confidential > 0,
  ];
  assert.deepEqual(await seen(leading), [false, false, false, false]);
  await assert.rejects(explainEntry(ctx, leading, id), refusedBy(9552));
  await assert.rejects(showSeenBy(ctx, leading, id, undefined), refusedBy(9552));
  await assert.rejects(changeLabels(ctx, leading, id, { add: ['archive'] }), refusedBy(9552));

  await world.grant(clerk, municipality, { package: 'post-til-virksomheten-med-taushetsbelagt-innhold' });
  assert.deepEqual(await seen(personCaller(clerk)), [true, true, true, true]);
  await changeLabels(ctx, personCaller(clerk), id, { add: ['barnevern'] });
  const wordsFor = async (caller: Caller) => (await listWords(ctx, caller, { party: municipality.id })).labels.map(({ word }) => word);
  assert.deepEqual([await wordsFor(personCaller(clerk)), await wordsFor(leading)], [['barnevern'], []]);
  assert.deepEqual(await seen(leading), [false, false, false, false]);
});

test('given labels, when a reader sets and takes them, then folders, counts and dialogs follow for everybody at the party, and what is too many is refused', async () => {
  const person = await world.person('RYDDE GUTT');
  const caller = personCaller(person);
  const id = await post(person, 'Ryddes');
  await follow(ctx);

  assert.deepEqual(await changeLabels(ctx, caller, id, { add: ['archive', ' Viktig ', 'bil'] }), { labels: ['bil', 'viktig'] });
  await follow(ctx);
  assert.deepEqual([await titles(caller), await titles(caller, { folder: 'archive' })], [[], ['Ryddes']]);
  assert.deepEqual(await titles(caller, { folder: 'archive', label: 'VIKTIG' }), ['Ryddes']);
  assert.equal((await countInbox(ctx, caller, { party: person.id })).archive, 1);
  const words = async (by: Caller, party: Party) => (await listWords(ctx, by, { party: party.id })).labels;
  assert.deepEqual(await words(caller, person), [
    { word: 'bil', count: 1 },
    { word: 'viktig', count: 1 },
  ]);
  await assert.rejects(words(leading, person), refusedBy(9551));

  await changeLabels(ctx, caller, id, { add: ['bin'], remove: ['viktig'] });
  await follow(ctx);
  assert.deepEqual([await titles(caller, { folder: 'archive' }), await titles(caller, { folder: 'bin' })], [[], ['Ryddes']]);
  assert.deepEqual(await titles(caller, { folder: 'bin', label: 'viktig' }), []);
  await changeLabels(ctx, caller, id, { remove: ['bin'] });
  await openMessage(ctx, caller, id);
  await changeLabels(ctx, caller, id, { add: ['unread'] });
  await follow(ctx);
  assert.deepEqual(await titles(caller, { unread: true }), ['Ryddes'], 'opened, and marked');

  const many = Array.from({ length: 20 }, (_, i) => `ord ${i}`);
  await assert.rejects(
    world.nothingWritten(() => changeLabels(ctx, caller, id, { add: many })),
    refusedBy(9554),
  );
  const stays = await listInbox(ctx, caller, {});
  onLabelsChanged.fill(() => Promise.reject(new Error('the dialogs say no')));
  await assert.rejects(
    world.nothingWritten(() => changeLabels(ctx, caller, id, { add: ['archive', 'halvt'] })),
    /say no/,
  );
  onLabelsChanged.fill(async (tx, dialogs) => touch(tx, dialogs));
  assert.deepEqual((await listInbox(ctx, caller, {})).items.length, stays.items.length, 'neither the word nor the folder');
  assert.deepEqual((await changeLabels(ctx, caller, id, { add: many.slice(0, 19) })).labels.length, 20);
  await assert.rejects(
    world.nothingWritten(() => changeLabels(ctx, leading, id, { add: ['x'] })),
    refusedBy(9552),
  );
});

test('given a label that is set while inboxes follow, and processes that follow at once, when all is done, then the entry lies where the label says, once', async () => {
  const person = await world.person('SAMTIDIG KVINNE');
  const caller = personCaller(person);
  const id = await post(person, 'Samtidig');
  await follow(ctx);
  for (const [add, folder] of [
    ['archive', 'archive'],
    ['bin', 'bin'],
    ['archive', 'archive'],
  ] as const) {
    await post(person, `Mer ${folder}`);
    await ctx.db.transaction((tx) => numberEvents(tx, 1000));
    await Promise.all([changeLabels(ctx, caller, id, { add: [add] }), followEvents(ctx), followEvents(ctx), followEvents(ctx)]);
    await follow(ctx);
    assert.deepEqual(await ctx.db.all(sql`select folder from inbox.entry where id = ${id}`), [{ folder }]);
  }
});

test('given a letter that its reader deletes, when inboxes follow, then nothing of it is left to be found', async () => {
  const person = await world.person('SLETTE DAME');
  const caller = personCaller(person);
  const id = await post(person, 'Slettes snart', {}, 'Nattsvermer.');
  await follow(ctx);
  await changeLabels(ctx, caller, id, { add: ['mitt ord'] });
  await purgeMessage(ctx, caller, id);
  assert.deepEqual(await titles(caller), [], 'at once');
  await follow(ctx);
  const left = await ctx.db.all(sql`
    select id from inbox.entry where id = ${id} union all select id from inbox.words where id = ${id} union all select id from inbox.label where id = ${id}`);
  assert.deepEqual(left, []);
});

test('given a letter that is shared with a colleague, when she looks, then she sees that one and no other, files and labels nothing, and both learn how and who', async () => {
  const colleague = await world.person('KARI KOLLEGA');
  const id = await post(municipality, 'Deles');
  await post(municipality, 'Deles ikke');
  await follow(ctx);
  const share = { nationalIdentityNumber: colleague.number!, lastName: 'KOLLEGA' };

  const { isNew, grant } = await shareEntry(ctx, leading, id, share);
  assert.deepEqual([isNew, grant.instance, grant.to], [true, id, colleague.id]);
  assert.equal((await shareEntry(ctx, leading, id, share)).isNew, false);

  const hers = personCaller(colleague);
  assert.deepEqual(await titles(hers), ['Deles']);
  assert.deepEqual(await titles(hers, { q: 'deles' }), ['Deles']);
  await openMessage(ctx, hers, id);
  assert.deepEqual([(await showEntry(ctx, hers, id)).readsOnly, (await showEntry(ctx, leading, id)).readsOnly], [true, false]);
  for (const word of ['bin', 'archive', 'unread', 'mitt ord']) {
    for (const change of [{ add: [word] }, { remove: [word] }]) {
      await assert.rejects(
        world.nothingWritten(() => changeLabels(ctx, hers, id, change)),
        refusedBy(9556),
      );
    }
  }
  const why = await explainEntry(ctx, hers, id);
  assert.equal(why.decision, 'Permit');
  assert.ok(why.path.length > 0 && why.explanation.every(({ nb, nn, en }) => nb && nn && en));
  const own = await post(citizen, 'Deles av en privatperson');
  await follow(ctx);
  await changeLabels(ctx, reading, own, { add: ['skilsmisse'] });
  await shareEntry(ctx, reading, own, share);
  const [seen] = (await listInbox(ctx, hers, { party: citizen.id })).items;
  assert.deepEqual([seen!.id, seen!.labels, (await showEntry(ctx, reading, own)).labels], [own, [], ['skilsmisse']]);
  const byLabel = async (who: Caller) =>
    (await Promise.all([{}, { q: 'deles' }].map((more) => listInbox(ctx, who, { party: citizen.id, label: 'skilsmisse', ...more })))).map(
      ({ items, next }) => [items.length, next],
    );
  assert.deepEqual(
    [await byLabel(hers), await byLabel(reading)],
    [
      [
        [0, null],
        [0, null],
      ],
      [
        [1, null],
        [1, null],
      ],
    ],
    'and no label finds it',
  );
  assert.deepEqual(
    (await explainEntry(ctx, hers, own)).explanation.map(({ nb }) => nb),
    [`gjennom tilgang til denne ene meldingen på Post, gitt av ${citizen.name}`],
  );
  assert.ok((await showSeenBy(ctx, leading, id, undefined)).entries.length > 0);
  await assert.rejects(
    world.nothingWritten(() => shareEntry(ctx, hers, id, { ...share, lastName: 'KOLLEGA' })),
    Refusal,
  );
  await assert.rejects(shareEntry(ctx, reading, id, share), refusedBy(9552));
});

test('given a person who leads many, when parties are listed and looked for, then each comes once with what is unread, itself first', async () => {
  const boss = await world.person('ÅSE SJEF');
  const caller = personCaller(boss);
  const names = ['ØRN AS', 'ALFA AS', 'BETA AS', 'ÆRLIG AS'];
  const led = [];
  for (const name of names) led.push(await world.organization(name));
  const unit = await world.organization('ALFA AVDELING', { parentNumber: led[1]!.number, unitType: 'BEDR' });
  for (const one of led) await world.role(boss, 'DAGL', one);
  await post(led[0]!, 'Til Ørn');
  await post(unit, 'Til avdelingen');
  await follow(ctx);

  const first = await listParties(ctx, caller, { limit: 3 });
  const rest = await listParties(ctx, caller, { limit: 10, after: first.next! });
  const all = [...first.parties, ...rest.parties];
  assert.deepEqual(
    all.map(({ name }) => name),
    ['ÅSE SJEF', 'ALFA AS', 'ALFA AVDELING', 'BETA AS', 'ÆRLIG AS', 'ØRN AS'],
  );
  assert.equal(rest.next, null);
  assert.deepEqual(
    all.filter(({ unread }) => unread === 1).map(({ name }) => name),
    ['ALFA AVDELING', 'ØRN AS'],
  );
  assert.equal(all[2]!.kind, 'subunit');
  assert.equal(all[0]!.number, null, 'no identity number');
  assert.deepEqual(
    (await listParties(ctx, caller, { q: 'alfa' })).parties.map(({ name }) => name),
    ['ALFA AS', 'ALFA AVDELING'],
  );
  assert.deepEqual(
    (await listParties(ctx, caller, { q: led[2]!.number! })).parties.map(({ name }) => name),
    ['BETA AS'],
  );
  assert.deepEqual((await listParties(ctx, caller, { q: '%' })).parties, []);
  const named = async (query: PartyQuery) => (await listParties(ctx, caller, query)).parties.map(({ name }) => name);
  assert.deepEqual(await named({ id: led[0]!.id, limit: 1 }), ['ØRN AS'], 'the one that is asked for, wherever it stands');
  assert.deepEqual(await named({ id: citizen.id }), [], 'and nobody whom they do not act for');
  assert.deepEqual(await named({ sends: true }), []);
  await world.resource('aerlig-post', led[3]!);
  assert.deepEqual(await named({ sends: true, limit: 1 }), ['ÆRLIG AS'], 'the first that sends, wherever it stands');
  assert.deepEqual(await named({ sends: true, id: led[1]!.id }), []);
  assert.deepEqual(await titles(caller), ['Til avdelingen', 'Til Ørn'], 'one list over all of them');
});

test('given messages from before there were inboxes, when the first one follows, then they are taken in, once', async () => {
  const before = await ctx.db.all(sql`select id, party_id from inbox.entry order by id`);
  await ctx.db.transaction(async (tx) => {
    tx.send(sql`delete from inbox.entry`);
    tx.send(sql`delete from inbox.words`);
    tx.send(sql`delete from inbox.content`);
    tx.send(
      sql`update inbox.progress set taken_until = '00000000-0000-0000-0000-000000000000', taken_to = 'ffffffff-ffff-ffff-ffff-ffffffffffff'`,
    );
  });
  await follow(ctx);
  assert.deepEqual(await ctx.db.all(sql`select id, party_id from inbox.entry order by id`), before);
  assert.deepEqual(await titles(reading, { q: 'ola' }), ['Til Ola']);
  await world.nothingWritten(() => followEvents(ctx));
});

test('given a letter on whose words the parser would spend minutes, when the inbox follows, then it and what came after it are there at once, and found', async () => {
  await post(citizen, 'Understreket', {}, `${'_a'.repeat(14_900)} strek`);
  await post(citizen, 'Kom etterpå');
  await follow(ctx);

  assert.deepEqual(await titles(reading, { q: 'strek' }), ['Understreket']);
  assert.deepEqual(await titles(reading, { q: 'etterpå' }), ['Kom etterpå']);
});

test('given a letter whose words cannot be read at all, when the inbox follows, then it stands there unfound, and those beside it are found', async () => {
  await ctx.db.transaction(async (tx) => {
    await tx.run(sql`alter function inbox.words_of(text, text, text) rename to words_of_all`);
    await tx.run(sql`
      create function inbox.words_of(title text, sender text, body text) returns tsvector language plpgsql as $$ begin
        if body like '%gift%' then raise 'no words'; end if;
        return inbox.words_of_all(title, sender, body); end $$`);
  });
  await post(citizen, 'Før giften');
  await post(citizen, 'Uleselig', {}, 'gift');
  await post(citizen, 'Etter giften');
  await follow(ctx);
  await follow(ctx);
  await ctx.db.transaction(async (tx) => {
    await tx.run(sql`drop function inbox.words_of(text, text, text)`);
    await tx.run(sql`alter function inbox.words_of_all(text, text, text) rename to words_of`);
  });

  assert.deepEqual((await titles(reading)).slice(0, 3), ['Etter giften', 'Uleselig', 'Før giften']);
  assert.deepEqual(await titles(reading, { q: 'giften' }), ['Etter giften', 'Før giften']);
  assert.deepEqual(await titles(reading, { q: 'uleselig' }), []);
});

test('given inboxes that have not followed for more than an hour, when they are looked at, then the queue says since when and the rule is broken; when they have followed, then all is well', async () => {
  await follow(ctx);
  const behind = async () => [
    (await ctx.db.all(sql`select at from (${inboxQueues[0]!.due}) due`)).length,
    (await ctx.db.all(inboxInvariants[0]!.find)).length,
  ];
  assert.deepEqual(await behind(), [0, 0]);
  await send(town, letter([citizen]));
  await ctx.db.transaction((tx) => numberEvents(tx, 10_000));
  const [waiting, broken] = await behind();
  assert.ok(waiting! > 0 && broken === 0, 'a moment is no alarm');
  await ctx.db.transaction(async (tx) =>
    tx.send(sql`update events.outbox set told_at = told_at - interval '61 minutes' where position > (select number from inbox.progress)`),
  );
  assert.deepEqual(await behind(), [waiting, waiting]);
  await follow(ctx);
  assert.deepEqual(await behind(), [0, 0]);
});

test('given a letter of an organization that is shared with a colleague, when she confirms and deletes it by a client of the original, then it is done as with the original, and evidence says by which share', async () => {
  const colleague = await world.person('PIA PROGRAM');
  const id = await post(municipality, 'Til et program');
  const other = await post(municipality, 'Ikke til et program');
  await follow(ctx);
  await shareEntry(ctx, leading, id, { nationalIdentityNumber: colleague.number!, lastName: 'PROGRAM' });
  const hers = personCaller(colleague);
  await openMessage(ctx, hers, id);
  await confirmMessage(ctx, hers, id);
  await purgeMessage(ctx, hers, id);
  const acts = (await listEvidence(ctx.db, [id])).filter(({ event }) => /Tracking|ConsignmentAcceptance|Deleted/.test(event));
  assert.deepEqual(
    acts.map(({ event, who }) => [event, (who.actor as { party: string }).party, /^grant of one item /.test((who.right as string[])[0]!)]),
    ['ContentAccessTracking', 'ConsignmentAcceptance', 'DeletedByRecipient'].map((event) => [event, colleague.id, true]),
  );
  for (const act of [openMessage, confirmMessage, purgeMessage])
    await assert.rejects(
      world.nothingWritten(() => act(ctx, hers, other)),
      refusedBy(4001),
    );
});
