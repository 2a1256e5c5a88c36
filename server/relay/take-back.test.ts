import assert from 'node:assert/strict';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { sql } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { saveContactPoints } from '#register/index.ts';
import { openMessage } from '../correspondence/read/open-message.ts';
import { eventsOf, evidenceOf, outcomeOf } from '../correspondence/testing/town.ts';
import { decidePost } from '../unread/decide/decide-post.ts';
import { mailNotStopped } from '../unread/mail/tell-not-stopped.ts';
import { handOverLetters } from './hand-over-letters.ts';
import { onNotStopped } from './hooks.ts';
import { relayInvariants } from './invariants.ts';
import { showShipments } from './show-shipments.ts';
import { type StatusReport, settleStatus } from './status/settle-status.ts';
import { takeBackLetters } from './take-back-letters.ts';
import { openPress, type PressContext } from './testing/press.ts';

/** Letters that are ended here while they lie at the print house. */
const press = await openPress();
const { town, ctx, directory } = press;
const { world, citizen } = town;
onNotStopped.fill(mailNotStopped);
await world.db.transaction(async (tx) =>
  saveContactPoints(tx, [{ party: town.agency.id, points: [{ channel: 'email', address: 'post@etaten.example' }] }]),
);
const house = { actor: { kind: 'organization', party: town.agency.id } } as const;
const says = (shipment: string, status: StatusReport['status']) =>
  settleStatus(ctx, [{ shipment, status, at: null, reason: null, answer: null }], house);
const relayEvents = async (id: string) =>
  (await eventsOf(town, id)).filter((type) => type.includes('relay.')).map((type) => type.split('relay.')[1]);
const mails = () =>
  world.db.all<{ address: string; subject: string; body: string }>(sql`select address, subject, body from unread.mail order by due_at, id`);
const decide = (id: CorrespondenceId, decision: 'recall' | 'accept-as-unread' = 'recall') =>
  decidePost(ctx as never, town.sender, id, { decision, name: 'Ola Saksbehandler', reason: 'sendt ved en feil' });
async function atHouse(): Promise<{ id: CorrespondenceId; shipment: string }> {
  const id = await press.toPaper(citizen);
  await handOverLetters(ctx);
  return { id, shipment: (await press.shipment(id)).id };
}
const stateOf = async (id: string) => {
  const { state, reason, notStoppedAt } = await press.shipment(id);
  return [state, reason, notStoppedAt !== null];
};

afterEach(async () => {
  for (const { name, find } of relayInvariants) assert.deepEqual(await world.db.all(find), [], name);
  await rm(join(directory), { recursive: true, force: true });
});

for (const decision of ['recall', 'accept-as-unread'] as const)
  test(`given a letter that lies at the print house, when its sender says ${decision} before the house has fetched it, then it is taken back from there, and nothing is printed`, async () => {
    const { id, shipment } = await atHouse();
    const { onPaper } = await decide(id, decision);
    assert.equal(onPaper, 'dropped', 'the answer says where it is');
    await Promise.all([takeBackLetters(ctx), takeBackLetters(ctx)]);

    assert.deepEqual(await press.drop(), {});
    assert.deepEqual(await readdir(join(directory, '.making')), []);
    assert.deepEqual(await stateOf(id), ['cancelled', 'taken-back', false]);
    assert.deepEqual(await relayEvents(id), ['dropped', 'cancelled']);
    assert.ok((await evidenceOf(town, id)).some((event) => event.startsWith('RelayToNonERDSFailure')));
    assert.deepEqual(await mails(), []);
    await world.nothingWritten(() => takeBackLetters(ctx));
    assert.equal(await says(shipment, 'posted'), 0, 'the house has never had it');
  });

test('given a letter that the house has fetched or printed, when its sender takes it back, then the sender hears at once that it goes by paper, by event and mail, and its end stays what it was', async () => {
  const [fetched, printed] = [await atHouse(), await atHouse()];
  await rename(join(directory, fetched.shipment), join(directory, `.fetched-${fetched.shipment}`));
  assert.equal(await says(printed.shipment, 'printed'), 1);
  for (const { id } of [fetched, printed]) await decide(id);
  await takeBackLetters(ctx);

  assert.deepEqual(
    [await stateOf(fetched.id), await stateOf(printed.id)],
    [
      ['dropped', null, true],
      ['printed', null, true],
    ],
  );
  assert.deepEqual((await relayEvents(fetched.id)).at(-1), 'not-stopped');
  const [mail, ...more] = await mails();
  assert.deepEqual([mail!.address, mail!.subject, more], ['post@etaten.example', '2 brev går på papir likevel', []]);
  assert.match(mail!.body, /ETATEN.*trykkeriet.*https:\/\/post\.example\/console/s);
  assert.ok((await showShipments(world.db, fetched.id)).shipments[0]!.notStoppedAt);
  await world.nothingWritten(() => takeBackLetters(ctx));

  for (const { id, shipment } of [fetched, printed]) {
    assert.equal(await says(shipment, 'posted'), 1, 'what becomes of it is recorded');
    assert.equal(await outcomeOf(town, id), 'recalled');
    assert.equal((await showShipments(world.db, id)).shipments[0]!.state, 'posted');
    assert.equal(await says(shipment, 'returned'), 1);
    assert.equal(await outcomeOf(town, id), 'recalled', 'and nothing opens it again');
  }
});

test('given letters at the print house that their recipient opens, when they are looked after, then one that is not fetched is taken back, of another its sender has an event and no mail', async () => {
  const [lies, printed] = [await atHouse(), await atHouse()];
  assert.equal(await says(printed.shipment, 'printed'), 1);
  const before = (await mails()).length;
  for (const { id } of [lies, printed]) await openMessage(world.ctx, town.reading, id);
  await takeBackLetters(ctx);
  assert.deepEqual(
    [await stateOf(lies.id), await stateOf(printed.id)],
    [
      ['cancelled', 'taken-back', false],
      ['printed', null, true],
    ],
  );
  assert.equal((await mails()).length, before);
});

test('given a print house that cannot be reached, or a worker that dies after it has taken a letter back, when it is looked after again, then the letter is taken back once', async () => {
  const { id, shipment } = await atHouse();
  await decide(id);
  const away: PressContext = { ...ctx, printHouse: { ...press.house, takeBack: () => Promise.reject(new Error('the line is cut')) } };
  await takeBackLetters(away);
  assert.deepEqual(await stateOf(id), ['dropped', null, false]);
  assert.equal(await press.house.takeBack!(shipment), true, 'and the worker dies here');
  await takeBackLetters(ctx);
  assert.deepEqual(
    [await stateOf(id), await relayEvents(id)],
    [
      ['cancelled', 'taken-back', false],
      ['dropped', 'cancelled'],
    ],
  );
});

test('given letters at the print house that lie unread, when they are looked after, then they stay there', async () => {
  const { id, shipment } = await atHouse();
  await world.nothingWritten(() => takeBackLetters(ctx));
  assert.deepEqual([await stateOf(id), Object.keys(await press.drop())], [['dropped', null, false], [shipment]]);
});
