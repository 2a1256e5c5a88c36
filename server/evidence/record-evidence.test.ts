import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '#db/index.ts';
import { sql, type Tx } from '#kernel/database.ts';
import { newId } from '#kernel/ids.ts';
import { createTestDatabase } from '../../test/database.ts';
import { nothingWritten } from '../../test/nothing-written.ts';
import { eventOfCode, eventUri, evidenceEvents } from './event-names.ts';
import { evidenceInvariants } from './invariants.ts';
import { levels } from './levels.ts';
import { entryForSender, listEvidence } from './list-evidence.ts';
import type { EvidenceRow } from './parts.ts';
import { recordEvidence } from './record-evidence.ts';
import { listEventRows } from './store.ts';

const { db } = await createTestDatabase();
const at = new Date('2026-11-24T10:00:00.123Z');
const row = (about: string, over: Partial<EvidenceRow> = {}): EvidenceRow => ({
  event: 'SubmissionAcceptance',
  about,
  at,
  proves: 'accepted',
  ...over,
});

test('given the events in code, when compared with the database, then names, numbers and addresses are the same', async () => {
  const stored = await listEventRows(db);
  const ours = Object.entries(evidenceEvents).map(([name, code]) => ({ code, name, uri: eventUri(eventOfCode(code)) }));
  assert.deepEqual(stored, ours);
  assert.equal(eventUri('LadderStep'), 'urn:budstikke:event:LadderStep');
  assert.throws(() => eventOfCode(999));
});

test('given the levels in code, when the database is asked to store each, then it takes them all and no other', async () => {
  const about = newId();
  await db.transaction(async (tx) =>
    recordEvidence(
      tx,
      Object.keys(levels).map((proves) => row(about, { proves: proves as keyof typeof levels })),
    ),
  );
  assert.equal((await listEvidence(db, [about])).length, Object.keys(levels).length);
  await assert.rejects(db.transaction(async (tx) => recordEvidence(tx, [row(about, { proves: 'qualified' as 'opened' })])));
});

test('given each level, when a receipt asks for its sentence, then there is one in all three languages', () => {
  for (const [name, sentence] of Object.entries(levels)) {
    assert.deepEqual(Object.keys(sentence), ['nb', 'nn', 'en'], name);
    for (const text of Object.values(sentence)) assert.match(text, /^\p{Lu}.+\.$/u);
  }
});

test('given two calls in one transaction, when committed, then one feed row spans both and counts them', async () => {
  const [one, two] = [newId(), newId()];
  await db.transaction(async (tx) => {
    recordEvidence(tx, [row(one), row(one)]);
    recordEvidence(tx, [row(two)]);
    recordEvidence(tx, []);
  });
  const feed = await db.one<{ n: number; holds: number }>(sql`
    select f.n, (select count(*)::int from evidence.evidence e where e.xact = f.xact and e.id between f.lo and f.hi) as holds
      from evidence.log_feed f where f.xact = (select xact from evidence.evidence where about = ${two})`);
  assert.deepEqual(feed, { n: 3, holds: 3 });
  for (const invariant of evidenceInvariants) assert.deepEqual(await db.all(invariant.find), [], invariant.name);
});

test('given 2000 rows, when recorded at once, then two statements carry them', async () => {
  const about = newId();
  await db.transaction(async (tx) => {
    const { counted, statements } = counting(tx);
    recordEvidence(
      counted,
      Array.from({ length: 2000 }, () => row(about)),
    );
    assert.equal(statements(), 2);
  });
  const first = await listEvidence(db, [about]);
  const rest = await listEvidence(db, [about], { after: first.at(-1)!.id, limit: 3 });
  assert.deepEqual([first.length, rest.length], [500, 3]);
});

test('given evidence, when read back, then it says what was recorded, oldest first', async () => {
  const about = newId();
  const recipient = newId();
  await db.transaction(async (tx) =>
    recordEvidence(tx, [
      row(about, {
        recipient,
        core: { step: 'notify' },
        who: { actor: { kind: 'person', party: recipient }, right: ['self'] },
        what: { name: 'brev.pdf' },
      }),
      row(about, {
        event: 'ContentAccessTracking',
        proves: 'opened',
        who: { actor: { kind: 'person', party: recipient }, right: ['self'] },
      }),
    ]),
  );
  const [first, second] = await listEvidence(db, [about]);
  assert.equal(first!.event, 'SubmissionAcceptance');
  assert.deepEqual(first!.at, at);
  assert.equal(first!.recipient, recipient);
  assert.deepEqual(first!.what, { name: 'brev.pdf' });
  assert.deepEqual(first!.core, {
    event: 'SubmissionAcceptance',
    id: first!.id,
    message: about,
    proves: 'accepted',
    recipient,
    step: 'notify',
    time: '2026-11-24T10:00:00.123Z',
    v: 1,
  });
  assert.deepEqual(entryForSender(second!).who, { actor: { kind: 'person' }, right: ['self'] });
  assert.deepEqual(entryForSender(first!).who, first!.who);
  assert.deepEqual(await listEvidence(db, []), []);
});

test('given a row with an address in core, when recorded, then nothing of its transaction is written', async () => {
  await nothingWritten(db, () =>
    assert.rejects(
      db.transaction(async (tx) => recordEvidence(tx, [row(newId()), row(newId(), { core: { to: 'a@b.no' } })])),
      /must not hold/,
    ),
  );
});

for (const [what, statement] of [
  ['changed', sql`update evidence.evidence set proves = 'opened'`],
  ['deleted', sql`delete from evidence.evidence`],
  ['emptied', sql`truncate evidence.evidence`],
] as const) {
  test(`given evidence, when it is to be ${what}, then the database refuses and everything stays`, async () => {
    await record(db, newId());
    await nothingWritten(db, () =>
      assert.rejects(
        db.transaction((tx) => tx.run(statement)),
        { code: 'BS004' },
      ),
    );
  });
}

async function record(database: Database, about: string): Promise<void> {
  await database.transaction(async (tx) => recordEvidence(tx, [row(about)]));
}

function counting(tx: Tx): { counted: Tx; statements: () => number } {
  let n = 0;
  const send: Tx['send'] = (query) => {
    n += 1;
    tx.send(query);
  };
  return { counted: { ...tx, send }, statements: () => n };
}
