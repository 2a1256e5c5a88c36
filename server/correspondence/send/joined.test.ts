import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createDatabase } from '#db/index.ts';
import type { Caller } from '#kernel/context.ts';
import { sql, type Tx } from '#kernel/database.ts';
import { newId } from '#kernel/ids.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import { Refusal } from '#kernel/refusal.ts';
import { fillImplicit } from '#sandbox/implicit.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { organizationCaller, scopes } from '../../../test/world.ts';
import { createTown, letter, outcomeOf, rows, stateOf } from '../testing/town.ts';
import { createSending, sendingLimits } from './accept-requests.ts';
import { type Asked, gatherFacts } from './gather-facts.ts';
import { initializeCorrespondence } from './initialize-correspondence.ts';
import { newSubmissionIds } from './plan-submission.ts';
import { toRequest } from './request.ts';
import type { InitializeCorrespondences } from './wire.ts';

const town = await createTown();
const { world, citizen, leader, municipality, orphan, reserved, sender } = town;

type Settled = PromiseSettledResult<Awaited<ReturnType<typeof initializeCorrespondence>>>;
const sendTogether = (bodies: readonly InitializeCorrespondences[]): Promise<Settled[]> =>
  Promise.allSettled(bodies.map((body) => initializeCorrespondence(world.ctx, sender, { body })));
const told = (settled: Settled) =>
  settled.status === 'fulfilled' ? 'sent' : settled.reason instanceof Refusal ? settled.reason.row.code : String(settled.reason);
const idOf = (settled: Settled) => (settled.status === 'fulfilled' ? settled.value.correspondences[0]!.correspondenceId : '');

test('given good and bad letters sent at the same time, when they are decided, then each hears its own and only the good ones are written, together', async () => {
  const sealed = { resourceId: 'taushetsbelagt', isConfidential: true };
  const before = await world.counts();

  const settled = await sendTogether([
    letter([citizen]),
    letter([citizen], { resourceId: 'finnes-ikke' }),
    letter([orphan], sealed),
    letter([municipality], sealed),
    letter([reserved]),
    letter([citizen, leader]),
    letter([citizen], { content: { messageTitle: '' } }),
  ]);

  assert.deepEqual(settled.map(told), ['sent', 1036, 1044, 'sent', 1030, 'sent', 1020]);
  const ids = settled.map(idOf).filter((id) => id !== '');
  const messages = await rows<{ tx: string }>(
    town,
    sql`select distinct e.xact::text as tx from evidence.evidence e where e.about = any(${ids}::uuid[])`,
  );
  assert.equal(messages.length, 1, 'one transaction carried them');
  assert.equal((await world.counts())['correspondence.message']! - before['correspondence.message']!, 4);
  assert.equal(await outcomeOf(town, ids[0]!), null);
});

test('given equal keys in one batch, when the first is refused for another reason, then the second has the key', async () => {
  const idempotentKey = newId();

  const settled = await sendTogether([
    letter([citizen], { content: { messageTitle: '' } }, { idempotentKey }),
    letter([citizen], {}, { idempotentKey }),
    letter([leader], {}, { idempotentKey: idempotentKey.toUpperCase() }),
  ]);

  assert.deepEqual(settled.map(told), [1020, 'sent', 1034]);
  const stored = await rows(town, sql`select 1 from correspondence.submission where idempotent_key = ${idempotentKey}`);
  assert.equal(stored.length, 1);
});

test('given a key that was used, when it comes again with a resource that nobody knows, then it is told as a repeat', async () => {
  const idempotentKey = newId();
  await sendTogether([letter([citizen], {}, { idempotentKey })]);

  const [again, fresh] = await sendTogether([
    letter([citizen], { resourceId: 'finnes-ikke' }, { idempotentKey }),
    letter([citizen], { resourceId: 'finnes-ikke' }, { idempotentKey: newId() }),
  ]);

  assert.deepEqual([told(again!), told(fresh!)], [1034, 1036]);
});

test('given equal keys sent to two servers in opposite order, when both send, then each key is one letter and every request is answered', async () => {
  const other = createDatabase({ url: (world.db.pool.options as { connectionString: string }).connectionString });
  after(() => other.close());
  const there = { ...world.ctx, db: other, sending: createSending(other) };
  const bodies = Array.from({ length: 30 }, () => letter([citizen], {}, { idempotentKey: newId() }));

  const [here, away] = await Promise.all([
    sendTogether(bodies),
    Promise.allSettled(bodies.toReversed().map((body) => initializeCorrespondence(there, sender, { body }))),
  ]);

  const answers = [...here, ...away].map(told);
  assert.deepEqual([answers.filter((a) => a === 'sent').length, answers.filter((a) => a === 1034).length], [30, 30]);
});

test('given a sender that is turned away since too much waits, when it comes again, then its letter is sent once', async () => {
  const limits = { ...sendingLimits, writers: 1, waiting: { rows: 1, bytes: 1 << 20 } };
  const ctx = { ...world.ctx, sending: createSending(world.db, limits) };
  const body = () => letter([citizen], {}, { idempotentKey: newId() });
  const [first, second] = [body(), body()];

  const settled = await Promise.allSettled([first, second].map((each) => initializeCorrespondence(ctx, sender, { body: each })));

  assert.equal(settled[0]!.status, 'fulfilled');
  assert.ok(settled[1]!.status === 'rejected' && settled[1]!.reason instanceof Overloaded);
  const again = await initializeCorrespondence(ctx, sender, { body: second });
  assert.equal(await stateOf(town, again.correspondences[0]!.correspondenceId), 'Published');
});

test('given letters that are heavy wherever their weight lies, when more come than may wait, then the surplus is turned away', async () => {
  const heavy = 'x'.repeat(400_000);
  const ways = [
    letter([citizen], { content: { messageBody: heavy } }),
    letter([citizen], { externalReferences: [{ referenceType: 'Generic', referenceValue: heavy }] }),
    letter([citizen], { propertyList: Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`navn${i}`, 'y'.repeat(300)])) }),
  ];
  for (const [i, body] of ways.entries()) {
    const limits = { ...sendingLimits, writers: 1, waiting: { rows: 1000, bytes: i === 2 ? 12_000 : 1_000_000 } };
    const ctx = { ...world.ctx, sending: createSending(world.db, limits) };

    const settled = await Promise.allSettled([body, body].map((each) => initializeCorrespondence(ctx, sender, { body: each })));

    assert.ok(settled[1]!.status === 'rejected' && settled[1]!.reason instanceof Overloaded, `way ${i}: ${told(settled[1]!)}`);
  }
});

test('given a sandbox in which unknown parties and resources come to be, when a request that names them is refused, then none has come to be', async () => {
  const { world: sandbox, sender: agency } = await createTown();
  fillImplicit({ parties: true, resources: true });
  const recipients = ['urn:altinn:organization:identifier-no:984661185'];
  const content = { language: 'nb', messageTitle: '', messageBody: 'Hei' };
  const request = (title: string): InitializeCorrespondences => ({
    correspondence: { resourceId: 'splitter-ny', sendersReference: 's', content: { ...content, messageTitle: title } },
    recipients,
  });

  await sandbox.nothingWritten(() =>
    assert.rejects(initializeCorrespondence(sandbox.ctx, agency, { body: request('') }), (error: Refusal) => error.row.code === 1020),
  );
  assert.ok(await initializeCorrespondence(sandbox.ctx, agency, { body: request('Velkommen') }));

  const made = await sandbox.db.all(sql`select 1 from register.party where number = '984661185' and implicit`);
  assert.equal(made.length, 1);
});

test('given a database that goes away for good, when letters wait, then each of them hears of the fault and none hangs', async () => {
  const lost = await createTestDatabase();
  const ctx = { ...world.ctx, db: lost.db, sending: createSending(lost.db) };
  await lost.db.pool.query('alter table correspondence.submission rename to gone');

  const settled = await Promise.allSettled(
    Array.from({ length: 5 }, () => initializeCorrespondence(ctx, sender, { body: letter([citizen]) })),
  );

  assert.deepEqual(
    settled.map(({ status }) => status),
    Array.from({ length: 5 }, () => 'rejected'),
  );
});

test('given senders who differ in all that a right depends on, when their requests are gathered, then each has its own right and they take no more statements than one', async () => {
  const askedBy = (caller: Caller): Asked => {
    const request = toRequest(letter([citizen]));
    return { request, files: [], caller, now: new Date(), minimumAttachmentDays: 0, ids: newSubmissionIds(request) };
  };
  const gather = async (asked: readonly Asked[]) => {
    let statements = 0;
    const counted = <A, R>(run: (given: A) => R) => {
      return (given: A): R => {
        statements += 1;
        return run(given);
      };
    };
    const facts = await world.db.transaction((tx) =>
      gatherFacts(
        { ...tx, all: counted(tx.all) as Tx['all'], maybe: counted(tx.maybe) as Tx['maybe'], one: counted(tx.one) as Tx['one'] },
        asked,
      ),
    );
    return { statements, permits: facts.map(({ right }) => right.permit) };
  };
  const strangers = [municipality, orphan].map((party) => organizationCaller(party, scopes.sender));
  const others = Array.from({ length: 5 }, (_, i): Caller => ({ ...sender, clientId: `client ${i}` }));
  const many = [...others, ...strangers].map(askedBy);
  await gather(many); // what is found out once is remembered

  const one = await gather([askedBy(sender)]);
  const all = await gather(many);

  assert.deepEqual(all.permits, [true, true, true, true, true, false, false]);
  assert.equal(all.statements, one.statements);
});
