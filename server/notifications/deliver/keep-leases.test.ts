import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { planNotices } from '../compose/plan-notices.ts';
import { type ClaimedNotice, claimNotices } from '../store/delivery.ts';
import { keepLeases, type Lease } from './keep-leases.ts';

const { db, ctx } = await createTestDatabase();
const leases: Lease[] = [];
after(async () => {
  for (const lease of leases) await lease.end();
});
const claim = { channel: 'email', limit: 10, leaseSeconds: 30, mailDomain: 'budstikke.example' } as const;

async function claimed(): Promise<ClaimedNotice> {
  const at = ctx.now();
  const row = {
    about: newId(),
    party: newId<PartyId>(),
    to: newId<PartyId>(),
    step: newId(),
    purpose: 'new-mail',
    channel: 'email',
  } as const;
  await db.transaction(async (tx) =>
    planNotices(tx, [{ ...row, address: 'a@example.no', subject: 's', body: 'b', html: false, dueAt: at, at }]),
  );
  const [notice] = await db.transaction((tx) => claimNotices(tx, claim));
  return notice!;
}

const leasedUntil = async (notice: ClaimedNotice) =>
  (await db.one<{ until: Date }>(sql`select leased_until as until from notifications.notice where id = ${notice.id}`)).until.getTime();

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}

test('given a worker that lives, when its attempt takes longer than the lease, then the lease is renewed and nobody else takes the notice', async () => {
  const notice = await claimed();
  await db.transaction((tx) =>
    tx.run(sql`update notifications.notice set leased_until = statement_timestamp() - interval '1 hour' where id = ${notice.id}`),
  );
  const lost = await leasedUntil(notice);
  const lease = keepLeases(ctx, [notice], 2);
  leases.push(lease);
  assert.ok(lease.holds(notice));
  await until(async () => (await leasedUntil(notice)) > lost);
  assert.deepEqual(await db.transaction((tx) => claimNotices(tx, claim)), []);
  lease.release(notice);
  assert.ok(!lease.holds(notice), 'what is settled is held no more');
});

test('given a notice that another worker has taken over, when the lease comes to be renewed, then it is not ours any more, and the other keeps it', async () => {
  const notice = await claimed();
  await db.transaction((tx) => tx.run(sql`update notifications.notice set attempts = attempts + 1 where id = ${notice.id}`));
  const theirs = await leasedUntil(notice);
  const lease = keepLeases(ctx, [notice], 4);
  leases.push(lease);
  await until(() => !lease.holds(notice));
  assert.equal(await leasedUntil(notice), theirs);
});

test('given a database that does not answer, when no renewal comes through for half a lease, then no attempt may begin', async () => {
  const notice = await claimed();
  const broken = { ...ctx, db: { ...db, transaction: () => Promise.reject(new Error('no connection')) } };
  const lease = keepLeases(broken, [notice], 0.4);
  leases.push(lease);
  await until(() => !lease.holds(notice));
});
