import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announceAccessChanges, onAccessChanged } from '#access/index.ts';
import { sql } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { deliverDueNotices, type MailPort, onDeliveryFailed, onHandedOver, type SmsPort } from '#notifications/index.ts';
import { saveContactPoints } from '#register/index.ts';
import { watchInvariants } from '../invariants.ts';
import { reevaluate, sweepVersions } from '../openers/reevaluate.ts';
import { noteConfirmed, noteOpened } from '../progress/note-acts.ts';
import { noteDeliveryFailed } from '../progress/note-delivery-failed.ts';
import { noteHandedOver } from '../progress/note-handed-over.ts';
import { noteRelayed, noteReturned } from '../progress/note-relay.ts';
import { saveSteps, step } from '../testing/ladders.ts';
import { confidentialPackage, Town } from '../testing/town.ts';
import type { WatchBegin } from '../types.ts';
import { type Cause, causes } from './cause.ts';
import { readCauseDrift } from './store.ts';
import { compareCauses, sweepCauses } from './sweep-causes.ts';

/**
 * Worlds that are made so that the true cause of each watch is known, and then changed so that it becomes another. What is stored is held
 * against it, cause by cause, and the table is printed.
 */

const town = await Town.open();
onAccessChanged.fill(reevaluate);
onDeliveryFailed.fill(noteDeliveryFailed);
onHandedOver.fill(noteHandedOver);

const each = 24;
/** So many letters go to each recipient. */
const together = 4;
const dayLong = 86_400;
/** Addresses that have taken mail, and take none any more. */
const closed = new Set<string>();
const mail: MailPort = {
  send: async ({ to }) =>
    to.startsWith('nei') || closed.has(to)
      ? { kind: 'refused', reason: 'address-rejected', answer: '550' }
      : { kind: 'handed-over', answer: '250' },
};
const sms: SmsPort = { send: async () => ({ kind: 'handed-over', answer: '200' }) };
const deliver = () => deliverDueNotices({ ...town.ctx, mail, sms, mailFrom: 'Budstikke <post@budstikke.example>' });

/** What workers do, until nothing is due. */
async function settleDown(): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    await sweepVersions(town.ctx);
    await town.work();
    await deliver();
  }
  await town.work();
}

interface Case {
  readonly letter: WatchBegin;
  /** Every cause that it has had, in order; the last is the one that it has. */
  truth: Cause[];
}

const open = await town.resource(['DAGL']);
const sealed = await town.resource([`package:${confidentialPackage}`]);
await saveSteps(town.db, 'says-nothing', [step('tell', 'P20D')]);
await saveSteps(town.db, 'speaks-late', [
  step('notify', 'P20D', { who: 'openers', channel: 'preferred', text: 'new-mail' }),
  step('tell', 'P25D'),
]);

let last = 0;
function next(): number {
  last += 1;
  return last;
}

/** The same recipient for a few letters in a row. */
function few(make: () => Promise<{ party: PartyId }>): () => Promise<PartyId> {
  let [left, party] = [0, undefined as Promise<{ party: PartyId }> | undefined];
  return async () => {
    if (left === 0) [left, party] = [together, make()];
    left -= 1;
    return (await party!).party;
  };
}

const municipality = () => few(() => town.municipality(`Kommune ${next()}`));

/** An organization whose one reader has this address. */
async function withReader(address: string | null): Promise<{ party: PartyId; reader: PartyId }> {
  const party = await town.organization(`Etat ${next()}`);
  const reader = await town.person(`Leser ${next()}`, address);
  await town.role(reader, 'daglig-leder', party);
  return { party, reader };
}

async function leaderOf(party: PartyId): Promise<PartyId> {
  return (await town.db.one<{ id: PartyId }>(sql`select holder_id as id from access.role_assignment where at_id = ${party}`)).id;
}

async function end(party: PartyId): Promise<void> {
  await town.db.transaction(async (tx) => {
    await tx.run(sql`update register.party set deleted_at = clock.now() where id = ${party}`);
    await announceAccessChanges(tx);
  });
}

/** With an attachment on a resource that somebody at the recipient could be given. */
async function withLockedAttachment(party: PartyId): Promise<WatchBegin> {
  const about = newId();
  const needs = [
    { resource: open, action: 'read', instance: about, policyVersion: await town.policyVersion(open) },
    { resource: sealed, action: 'read', instance: newId(), policyVersion: await town.policyVersion(sealed) },
  ];
  return town.sent(party, open, { about, needs });
}

const to = {
  unpublished: municipality(),
  ending: municipality(),
  empty: few(async () => ({ party: await town.organization(`Tomt hus ${next()}`) })),
  sealed: municipality(),
  locked: municipality(),
  confirming: municipality(),
  files: municipality(),
  silent: few(() => withReader(null)),
  bouncing: few(() => withReader(`nei-${next()}@example.no`)),
  others: municipality(),
};

const makers: Readonly<Record<Cause, () => Promise<WatchBegin>>> = {
  'not-published': async () => town.begun(await to.unpublished(), open),
  returned: async () => {
    const letter = await town.sent(await to.others(), open);
    await town.db.transaction((tx) => noteRelayed(tx, [letter], town.ctx.now()));
    const means = { at: town.ctx.now(), console: 'https://post.example.no/console' };
    await town.db.transaction((tx) => noteReturned(tx, [letter], means));
    return letter;
  },
  'receiver-gone': async () => town.sent(await to.ending(), open),
  'no-opener': async () => town.sent(await to.empty(), open),
  'grant-needed': async () => town.sent(await to.sealed(), sealed, { confidential: true }),
  'attachment-locked': async () => withLockedAttachment(await to.locked()),
  'opened-not-confirmed': async () => {
    const letter = await town.sent(await to.confirming(), open, { confirmNeeded: true });
    await opened(letter);
    return letter;
  },
  'file-not-fetched': async () => town.sent(await to.files(), open, { isFile: true, confirmNeeded: true, ladder: 'file-transfer' }),
  'no-contact-point': async () => town.sent(await to.silent(), open),
  'notification-failed': async () => town.sent(await to.bouncing(), open),
  'not-notified': async () => town.sent(await to.others(), open, { ladder: 'says-nothing' }),
  waiting: async () => town.sent(await to.others(), open, { ladder: 'speaks-late' }),
  // An adapter to another platform answers so; here there is none, and its answer is put where it would be stored.
  unknown: async () => town.sent(await to.others(), open),
  'notified-not-opened': async () => town.sent(await to.ending(), open),
};

const opened = (letter: WatchBegin) =>
  town.db.transaction((tx) => noteOpened(tx, [{ ...letter, at: town.ctx.now(), by: null, kind: 'person' }]));

const cases: Case[] = [];
const of = (cause: Cause) => cases.filter(({ truth }) => truth[0] === cause);
const parties = (some: readonly Case[]) => [...new Set(some.map(({ letter }) => letter.party))];

async function stored(): Promise<Map<string, { cause: Cause | null; past: Cause[] }>> {
  const rows = await town.db.all<{ about: string; cause: Cause | null; past: Cause[] | null }>(sql`
    select i.about, i.cause, (select array_agg(p.cause order by p.from_at, p.to_at) from watch.cause_past p where p.about = i.about) as past
      from watch.item i`);
  return new Map(rows.map(({ about, cause, past }) => [about, { cause, past: past ?? [] }]));
}

/** How often each cause is stored, is true, and both; in the order of the list. */
async function measure(title: string): Promise<void> {
  const found = await stored();
  const table = causes.map((cause) => {
    const isTrue = cases.filter(({ truth }) => truth.at(-1) === cause);
    const isStored = cases.filter(({ letter }) => found.get(letter.about)!.cause === cause);
    const both = isTrue.filter((one) => isStored.includes(one)).length;
    const share = (of: number) => (of === 0 ? '–' : `${((100 * both) / of).toFixed(1)} %`);
    return { cause, true: isTrue.length, stored: isStored.length, both, precision: share(isStored.length), recall: share(isTrue.length) };
  });
  const lines = table.map(
    (row) =>
      `${row.cause.padEnd(22)}${String(row.true).padStart(6)}${String(row.stored).padStart(8)}${row.precision.padStart(11)}${row.recall.padStart(9)}`,
  );
  const right = table.reduce((sum, { both }) => sum + both, 0);
  process.stdout.write(
    `\n${title}\n${'cause'.padEnd(22)}  true  stored  precision   recall\n${lines.join('\n')}\nin all ${right} of ${cases.length} right\n\n`,
  );
  for (const { letter, truth } of cases)
    assert.equal(found.get(letter.about)!.cause, truth.at(-1), `${letter.about} was made to be ${truth.join(', ')}`);
}

test('given watches that are made for each cause, when they are a day old, then each has that cause, and none had one before', async () => {
  for (const cause of causes) for (let i = 0; i < each; i += 1) cases.push({ letter: await makers[cause](), truth: [cause] });
  for (const party of parties(of('receiver-gone'))) await end(party);
  await settleDown();
  assert.ok(
    [...(await stored()).values()].every(({ cause }) => cause === null),
    'younger than a day',
  );

  const unknown = of('unknown').map(({ letter }) => letter.about);
  await town.db.transaction((tx) => tx.run(sql`update watch.item set class = 'UNKNOWN' where about = any(${unknown}::uuid[])`));
  await town.advance(dayLong);
  await settleDown();

  await measure('made to be so, a day old');
  await town.invariantsHold();
});

test('given these watches, when what made them so changes, then each has the new cause at once or within the sweep, and what it was in its history', async () => {
  const becomes = (some: readonly Case[], ...then: Cause[]) => {
    for (const one of some) one.truth = [...one.truth, ...then];
  };

  for (const { letter } of of('not-published')) await town.publish(letter);
  becomes(of('not-published'), 'waiting', 'notified-not-opened');

  for (const party of parties(of('no-opener')))
    await town.role(await town.person('Ny leder', `ny-${next()}@example.no`), 'daglig-leder', party);
  becomes(of('no-opener'), 'waiting', 'notified-not-opened');

  const granted = of('grant-needed').slice(0, each / 2);
  for (const party of parties(granted)) await town.reader(party, sealed, 'Saksbehandler');
  becomes(granted, 'waiting', 'notified-not-opened');

  // The chief was told at once, of a message that an attachment of cannot be opened; now somebody can open both.
  for (const party of parties(of('attachment-locked'))) await town.give(await leaderOf(party), party, { resource: sealed });
  becomes(of('attachment-locked'), 'notified-not-opened');

  const confirmed = of('opened-not-confirmed').slice(0, each / 2);
  for (const { letter } of confirmed) await town.db.transaction((tx) => noteConfirmed(tx, [{ ...letter, at: town.ctx.now(), by: null }]));

  for (const { letter } of of('file-not-fetched')) await opened(letter);
  becomes(of('file-not-fetched'), 'opened-not-confirmed');

  for (const party of parties(of('no-contact-point'))) {
    const points = [{ channel: 'email' as const, address: `kom-${next()}@example.no` }];
    const reader = await leaderOf(party);
    await town.db.transaction(async (tx) => saveContactPoints(tx, [{ party: reader, points }]));
  }
  becomes(of('no-contact-point'), 'waiting', 'notified-not-opened');

  const ended = of('notified-not-opened').slice(0, each / 2);
  for (const party of parties(ended)) await end(party);
  becomes(ended, 'receiver-gone');

  const left = of('notified-not-opened').slice(each / 2);
  for (const party of parties(left))
    await town.db.transaction(async (tx) => {
      await tx.run(sql`delete from access.role_assignment where at_id = ${party}`);
      await announceAccessChanges(tx);
    });
  becomes(left, 'no-opener');

  // Whoever changes access there has it asked anew, and access knows.
  for (const party of parties(of('unknown')))
    await town.role(await town.person('En til', `til-${next()}@example.no`), 'daglig-leder', party);
  becomes(of('unknown'), 'notified-not-opened');

  await settleDown();
  await measure('after what made them so has changed');

  const found = await stored();
  for (const { letter, truth } of cases)
    assert.deepEqual([...found.get(letter.about)!.past, found.get(letter.about)!.cause], truth, truth.join(', '));
  for (const { letter } of confirmed) {
    const watch = await town.watch(letter);
    assert.equal(watch.cause, null);
    assert.deepEqual(
      watch.causes.map(({ cause, to }) => [cause, to === watch.settledAt]),
      [['opened-not-confirmed', true]],
    );
  }
  await town.invariantsHold();
});

test('given that time goes on, when a late notice goes out and weeks pass, then the causes follow, and the history has no gap', async () => {
  await town.pass(19);
  await settleDown();
  for (const one of cases.filter(({ truth }) => truth[0] === 'waiting')) one.truth = ['waiting', 'notified-not-opened'];
  await measure('three weeks later');
  const gaps = await town.db.all(sql`
    select about from (
      select p.about, p.to_at, lead(p.from_at, 1, i.cause_since) over (partition by p.about order by p.from_at, p.to_at) as next
        from watch.cause_past p join watch.item i using (about, party_id)) s
     where s.to_at <> s.next`);
  assert.deepEqual(gaps, []);
});

/** Some letters to this recipient, whose readers are told at once. */
async function told(party: PartyId): Promise<Case[]> {
  const some: Case[] = [];
  for (let i = 0; i < together; i += 1) some.push({ letter: await town.sent(party, open), truth: ['notified-not-opened'] });
  cases.push(...some);
  return some;
}

async function comes(party: PartyId, email: string | null): Promise<PartyId> {
  const reader = await town.person(`Leser ${next()}`, email);
  await town.role(reader, 'daglig-leder', party);
  return reader;
}

async function leaves({ party, reader }: { readonly party: PartyId; readonly reader: PartyId }): Promise<void> {
  await town.db.transaction(async (tx) => {
    await tx.run(sql`delete from access.role_assignment where at_id = ${party} and holder_id = ${reader}`);
    await announceAccessChanges(tx);
  });
}

const anAddress = () => `leser-${next()}@example.no`;
const saveAddress = (party: PartyId, address: string) =>
  town.db.transaction(async (tx) => saveContactPoints(tx, [{ party, points: [{ channel: 'email', address }] }]));
const forgetAddresses = (party: PartyId) =>
  town.db.transaction((tx) => tx.run(sql`delete from register.contact_point where party_id = ${party}`));

test('given that readers who were told go and come back, lose their address, or bounce, then the cause is what the last try to tell them came to', async () => {
  const becomes = (some: readonly Case[], ...then: Cause[]) => {
    for (const one of some) one.truth = [...one.truth, ...then];
  };
  const make = () => withReader(anAddress());
  const [replaced, returning, succeeded, beside, housed] = [await make(), await make(), await make(), await make(), await make()];
  const [closing, silent] = [await withReader('stenger@example.no'), await make()];
  const besides = { party: beside.party, reader: await comes(beside.party, anAddress()) };
  await saveAddress(housed.party, anAddress());
  const to = {
    replaced: await told(replaced.party),
    returning: await told(returning.party),
    succeeded: await told(succeeded.party),
    beside: await told(beside.party),
    housed: await told(housed.party),
    closing: await told(closing.party),
    silent: await told(silent.party),
  };
  await settleDown();
  await town.advance(dayLong);
  await settleDown();
  await measure('readers who were told');

  for (const { party } of [replaced, returning, besides, housed]) await comes(party, null);
  await comes(succeeded.party, anAddress());
  for (const gone of [replaced, returning, succeeded, besides, housed]) await leaves(gone);
  becomes([...to.replaced, ...to.returning], 'no-contact-point');
  closed.add('stenger@example.no');
  await forgetAddresses(silent.reader);
  await settleDown();
  await measure('somebody without an address in their place');

  await town.role(returning.reader, 'daglig-leder', returning.party);
  becomes(to.returning, 'waiting', 'notified-not-opened');
  await settleDown();
  await town.pass(6);
  await settleDown();
  becomes(to.closing, 'notification-failed');
  becomes(to.silent, 'no-contact-point');
  await measure('after a reminder that bounced, and one that nobody had an address for');

  await saveAddress(closing.reader, anAddress());
  await saveAddress(silent.reader, anAddress());
  becomes(to.closing, 'notified-not-opened');
  becomes(to.silent, 'waiting', 'notified-not-opened');
  await settleDown();
  await measure('and after they had another');

  const found = await stored();
  for (const { letter, truth } of Object.values(to).flat())
    assert.deepEqual([...found.get(letter.about)!.past, found.get(letter.about)!.cause], truth, truth.join(', '));
  await town.invariantsHold();
});

test('given stored causes that somebody has falsified, when they are compared, then the invariant finds them, and each is mended and counted', async () => {
  const before = await readCauseDrift(town.db);
  const victims = cases.filter(({ truth }) => truth.at(-1) === 'notified-not-opened').slice(0, 10);
  const about = victims.map(({ letter }) => letter.about);
  await town.db.pool.query(`update watch.item set cause = 'grant-needed' where about = any($1)`, [about]);
  await town.db.pool.query(`update watch.item set next_action_at = clock.now() + interval '30 minutes' where about = any($1)`, [about]);
  await assert.rejects(town.invariantsHold(), /the cause of an open watch/);

  const { mended, compared } = await compareCauses(town.ctx);

  assert.equal(mended, 10);
  assert.ok(compared >= cases.length / 2);
  const after = await readCauseDrift(town.db);
  assert.deepEqual([after.mended - before.mended, after.compared - before.compared, after.rounds - before.rounds], [10, compared, 1]);
  assert.equal((await compareCauses(town.ctx)).mended, 0);
  await measure('after they were falsified and mended');
  await town.db.pool.query(`update watch.item set cause = null, cause_since = null where about = any($1)`, [about]);
  await assert.rejects(town.invariantsHold(), /late with its cause/);
  assert.equal((await sweepCauses(town.ctx)).named, 10);
  await town.invariantsHold();
});

test('given watches older than an hour that have lost what each must have, when a round comes past them, then the invariants tell of each, until it has it again', async () => {
  const ask = (text: string, values: readonly unknown[]) => town.db.pool.query(text, [...values]);
  const [stepless, needless, late] = cases.filter(({ truth }) => truth.at(-1) === 'notified-not-opened').map(({ letter }) => letter.about);
  const rule = watchInvariants.find(({ name }) => name.startsWith('every open watch that a round has seen'))!;
  const before = await ask('select about, next_action_at from watch.item where about = $1', [late]);
  const steps = await ask(`update watch.step set state = 'cancelled' where about = $1 and state = 'due' returning id`, [stepless]);
  const needs = await ask('delete from watch.need where about = $1 returning *', [needless]);
  await ask(`update watch.item set next_action_at = '2099-01-01' where about = any($1)`, [[stepless, needless, late]]);
  assert.ok(steps.rows.length > 0 && needs.rows.length > 0);

  await compareCauses(town.ctx);

  const found = await ask('select n.about, f.fault from watch.fault_found n join watch.faulty f using (about, party_id)', []);
  const later = 'next action later than the next step';
  assert.deepEqual(
    new Map(found.rows.map(({ about, fault }) => [about, fault])),
    new Map([
      [stepless, 'no step to come'],
      [needless, later],
      [late, later],
    ]),
  );
  assert.equal((await town.db.all(rule.find)).length, 3);
  for (const about of [needless, late])
    await ask('update watch.item set next_action_at = $2 where about = $1', [about, before.rows[0].next_action_at]);
  assert.deepEqual((await town.db.all(rule.find)).length, 2, 'one is sound again, one still has no needs');
  await ask(`update watch.step set state = 'due' where id = any($1)`, [steps.rows.map(({ id }) => id)]);
  await ask('update watch.item set next_action_at = $2 where about = $1', [stepless, before.rows[0].next_action_at]);
  const { fields, rows } = needs;
  const names = fields.map(({ name }) => name).join(', ');
  const values = fields.map((_, i) => `$${i + 1}`).join(', ');
  for (const row of rows)
    await ask(
      `insert into watch.need (${names}) values (${values})`,
      fields.map(({ name }) => row[name]),
    );
  await town.invariantsHold();
});
