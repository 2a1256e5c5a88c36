import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { sql } from '#kernel/database.ts';
import { type DeliveryFailure, onHandedOver } from '#notifications/index.ts';
import { saveContactPoints } from '#register/index.ts';
import { noteDeliveryFailed, noteHandedOver, tellMailsAgain } from '#watch/index.ts';
import { watchInvariants } from '../../watch/invariants.ts';
import { nextMorning } from '../../watch/oslo-day.ts';
import { createTown, letter, send } from '../testing/town.ts';

onHandedOver.fill(noteHandedOver);
after(() => onHandedOver.fill(async () => {}));

const town = await createTown();
const { world, agency, citizen, reading } = town;
// Days are from nine to nine, so that the mail of each morning has gone.
await world.advance((nextMorning(world.ctx.now()).getTime() - world.ctx.now().getTime()) / 1000 + 3600);
const has = (...addresses: string[]) =>
  world.db.transaction(async (tx) =>
    saveContactPoints(tx, [{ party: agency.id, points: addresses.map((address) => ({ channel: 'email' as const, address })) }]),
  );
/** Its recipient throws it away. */
async function throwAway(id: string): Promise<void> {
  const answer = await town.raw(`DELETE /correspondence/api/v1/correspondence/${id}/purge`, 'citizen');
  assert.equal(answer.status, 200, await answer.text());
}
const events = (id: string) =>
  world.db.all<{ subject: string; data: { ageDays: number } }>(
    sql`select alternative_subject as subject, data from events.outbox where resource_instance = ${id} and type = 'no.budstikke.watch.deleted-unread'`,
  );
/** What mails have said of it since the last look. */
let looked = 0;
function said(): string[] {
  const bodies = town.mails
    .slice(looked)
    .flatMap(({ body }) => /.*(?:slettet av mottakeren|Deleted by|sletta av mottakaren)[^.]*\./.exec(body) ?? []);
  looked = town.mails.length;
  return bodies;
}
const untold = () => world.db.all(watchInvariants.find(({ name }) => name.startsWith('what a recipient deleted'))!.find);
const told = (n: number) => `${n === 1 ? '1 melding' : `${n} meldinger`} fra ETATEN ble slettet av mottakeren uten å være åpnet.`;

test('given letters that their recipient throws away unopened, when the mails of the days are sent, then each is counted once, and none that was opened before it was deleted', async () => {
  await has('post@etaten.example');
  const [first, second, third, read, lies] = [
    await send(town, letter([citizen])),
    await send(town, letter([citizen])),
    await send(town, letter([citizen])),
    await send(town, letter([citizen])),
    await send(town, letter([citizen])),
  ];
  await town.days(3);
  assert.deepEqual(said(), []);

  await throwAway(first!);
  await town.days(0);
  assert.deepEqual(said(), [told(1)], 'at once, where there is no mail of the day yet');

  await town.open(read!, reading);
  for (const id of [second!, read!, third!]) {
    await throwAway(id);
    await town.days(0);
  }
  assert.deepEqual(said(), [], 'the mail of the day has gone');
  await town.days(1);
  assert.deepEqual(said(), [told(2)], 'the next morning');
  await town.days(12);
  assert.ok(
    town.mails.slice(looked).some(({ body }) => body.includes('ikke åpnet')),
    'of what lies there are mails',
  );
  assert.deepEqual(said(), [], 'and none says again what was said');

  for (const id of [first!, second!, third!])
    assert.deepEqual(
      (await events(id)).map(({ subject, data }) => [subject, data.ageDays]),
      [[`/organisation/${agency.number}`, 3]],
    );
  for (const id of [read!, lies!]) assert.deepEqual(await events(id), []);
  const { mails } = await town.json<{ mails: { purpose: string }[] }>('GET /unread/mails', 'sender');
  assert.ok(
    mails.some(({ purpose }) => purpose === 'sender-deleted'),
    'the sender sees it among its mails',
  );
});

test('given a sender that nobody can be told for, when it gets an address, then what was thrown away before is told then; and anew where that mail comes back', async () => {
  await has();
  const [first, second] = [await send(town, letter([citizen])), await send(town, letter([citizen]))];
  await throwAway(first!);
  await town.days(1);
  assert.deepEqual([said(), (await events(first!)).length], [[], 1], 'the event does not wait');
  assert.deepEqual(await untold(), []);
  await town.days(3);
  assert.deepEqual(await untold(), [{ about: first }], 'the alarm rings');

  await has('feil@etaten.example');
  await town.days(0);
  assert.deepEqual(said(), [told(1)]);
  assert.deepEqual(await untold(), []);

  await world.db.transaction(async (tx) => {
    const failure = await tx.one<DeliveryFailure>(sql`
      update notifications.notice set state = 'failed', failure = 'mailbox-full', changed_at = clock.now()
       where id = (select max(id::text)::uuid from notifications.notice where about is null and address = 'feil@etaten.example')
      returning id, about, party_id as party, to_id as "to", step_id as step, purpose, channel, failure as reason, changed_at as at`);
    await noteDeliveryFailed(tx, [failure]);
  });
  await has('feil@etaten.example', 'rett@etaten.example');
  await tellMailsAgain(town.ctx);
  await town.days(0);
  assert.deepEqual(said(), [told(1)], 'by the other address');

  await throwAway(second!);
  await town.days(1);
  assert.deepEqual(new Set(said()), new Set([told(1)]), 'and what comes later is counted alone');
});
