import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { announceAccessChanges, saveGrants } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import type { Party } from '#register/index.ts';
import { organizationCaller, personCaller, scopes } from '../../test/world.ts';
import { checkAsked } from './check-openability.ts';
import { createMailing } from './create-mailing.ts';
import { mailingErrors as e, lineErrors } from './errors.ts';
import { forgetOldLines, keptDays } from './jobs.ts';
import { cancelMailing, checkMailing, pauseMailing, releaseMailing, resumeMailing } from './move-mailing.ts';
import { sendBatch } from './send-chunks.ts';
import { listLineErrors, listMessagesOfLines, listOwnMailings, lookAtMailing } from './show-mailing.ts';
import {
  begin,
  brokenInvariants,
  createMailTown,
  manyCitizens,
  messagesOf,
  newMailing,
  sendAllDue,
  sendOff,
  upload,
} from './testing/mail-town.ts';
import type { MailingView } from './wire.ts';

const town = await createMailTown();
const { world, municipality, orphan, citizen, leader, ctx, sender } = town;
const stranger = organizationCaller(municipality, scopes.sender);
/** Sends so many batches, each of one chunk. */
async function sendTogether(batches: number): Promise<void> {
  for (let i = 0; i < batches; i++) await sendBatch(ctx, { messages: 1, chunks: 1 });
}
const refusedBy = (row: object) => (error: unknown) => error instanceof Refusal && error.row === row;

test('given a key that was used, when a mailing is begun again, then the same is answered, and another content is refused', async () => {
  const body = newMailing();
  const answers = await Promise.all([1, 2, 3].map(() => createMailing(ctx, sender, body)));
  const ids = new Set(answers.map(({ body: view }) => (view as MailingView).mailingId));

  assert.equal(ids.size, 1);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 201]);
  const other = { ...body, correspondence: { ...body.correspondence, sendersReference: 'en annen' } };
  await world.nothingWritten(() => assert.rejects(createMailing(ctx, sender, other), refusedBy(e.keyUsedOtherwise)));
});

test('given a key that was used, when it comes again with members in another order and after its time, then the same is answered', async () => {
  const soon = new Date(world.ctx.now().getTime() + 3_600_000).toISOString();
  const body = newMailing({ isConfirmationNeeded: true, dueDateTime: soon });
  const first = await createMailing(ctx, sender, body);
  await world.advance(7200);
  const turned = Object.fromEntries(Object.entries(body.correspondence).toReversed()) as typeof body.correspondence;

  const again = await createMailing(ctx, sender, { ...body, correspondence: turned });

  assert.deepEqual([again.status, (again.body as MailingView).mailingId], [200, (first.body as MailingView).mailingId]);
});

test('given a long mailing under way, when a short one is released after it, then the short one does not wait for its end', async () => {
  const [long, short] = [await begin(town), await begin(town)];
  const citizens = await manyCitizens(town, 30);
  for (let i = 0; i < citizens.length; i += 5) await upload(town, long, citizens.slice(i, i + 5), { from: i + 1 });
  await upload(town, short, [citizen]);
  await releaseMailing(ctx, sender, long, {});
  await sendTogether(2);
  await releaseMailing(ctx, sender, short, {});

  await sendTogether(1);

  assert.deepEqual([(await messagesOf(town, long)).length, (await messagesOf(town, short)).length], [10, 1]);
  await sendAllDue(town);
  assert.deepEqual([(await messagesOf(town, long)).length, await brokenInvariants(town)], [30, []]);
});

test('given a letter that initialize would refuse, when a mailing is begun, then it is refused alike and nothing is written', async () => {
  const codes = async (body: ReturnType<typeof newMailing>, caller = sender): Promise<number> => {
    let code = 0;
    await world.nothingWritten(() =>
      assert.rejects(createMailing(ctx, caller, body), (error: unknown) => {
        code = (error as Refusal).row.code;
        return error instanceof Refusal;
      }),
    );
    return code;
  };
  assert.equal(await codes(newMailing({ resourceId: 'finnes-ikke' })), 1036);
  assert.equal(await codes(newMailing(), stranger), 4001);
  assert.ok((await codes(newMailing({ isConfirmationNeeded: true }))) > 0);
  assert.ok((await codes(newMailing({ content: { messageTitle: '# Nei' } }))) > 0);
  assert.ok(
    (await codes(
      newMailing({ notification: { notificationTemplate: 'GenericAltinnMessage', customRecipient: { emailAddress: 'a@b.no' } } }),
    )) > 0,
  );
  assert.ok((await codes(newMailing({}, { existingAttachments: ['0198f0a0-0000-7000-8000-000000000000'] }))) > 0);
});

test('given a mailing of another, when anything is asked of it, then there is none', async () => {
  const id = await begin(town);
  await upload(town, id, [citizen]);
  const asks = [
    () => lookAtMailing(ctx, stranger, id),
    () => listLineErrors(ctx, stranger, id, 0),
    () => listMessagesOfLines(ctx, stranger, id, 0),
    () => releaseMailing(ctx, stranger, id, {}),
    () => pauseMailing(ctx, stranger, id),
    () => resumeMailing(ctx, stranger, id),
    () => cancelMailing(ctx, stranger, id),
    () => checkMailing(ctx, stranger, id),
  ];
  for (const ask of asks) await world.nothingWritten(() => assert.rejects(ask(), refusedBy(e.mailingNotFound)));
  assert.deepEqual(await listOwnMailings(ctx, stranger, {}), { mailings: [], next: null });
});

test('given more mailings than a page holds, when they are listed, then each shows once, the newest first', async () => {
  const owner = await world.organization('ANNEN ETAT', { orgCode: 'annen' });
  await world.resource('annet-brev', owner);
  const caller = organizationCaller(owner, scopes.sender);
  for (let i = 0; i < 103; i++) await createMailing(ctx, caller, newMailing({ resourceId: 'annet-brev' }));

  const first = await listOwnMailings(ctx, caller, {});
  const second = await listOwnMailings(ctx, caller, { after: first.next! });

  const ids = [...first.mailings, ...second.mailings].map(({ mailingId }) => mailingId);
  assert.deepEqual([first.mailings.length, second.mailings.length, second.next, new Set(ids).size], [100, 3, null, 103]);
  assert.deepEqual(ids, ids.toSorted().toReversed());
});

test('given a mailing with nobody, with other lines than expected, or with a time to come, when it is released, then that is heeded', async () => {
  const id = await begin(town);
  await world.nothingWritten(() => assert.rejects(releaseMailing(ctx, sender, id, {}), refusedBy(e.nothingToRelease)));
  await upload(town, id, ['tull', JSON.stringify({ recipient: citizen.number })]);
  await world.nothingWritten(() => assert.rejects(releaseMailing(ctx, sender, id, { expectedLines: 3 }), refusedBy(e.recipientsMissing)));

  const at = new Date(ctx.now().getTime() + 60_000).toISOString();
  const released = await releaseMailing(ctx, sender, id, { at, expectedLines: 2 });
  assert.deepEqual([released.state, released.release.at], ['Released', at]);
  await sendAllDue(town);
  assert.equal((await lookAtMailing(ctx, sender, id)).counts.sent, 0);

  await world.advance(61);
  await sendAllDue(town);
  const { state, counts, endedAt } = await lookAtMailing(ctx, sender, id);
  assert.deepEqual([state, counts], ['Finished', { received: 2, staged: 1, refused: 1, sent: 1, published: 1, unsent: 0 }]);
  assert.ok(endedAt);
  assert.equal((await listMessagesOfLines(ctx, sender, id, 0)).messages.map(({ line }) => line).join(), '2');
  await world.nothingWritten(() => assert.rejects(pauseMailing(ctx, sender, id), refusedBy(e.notMovable)));
  await world.nothingWritten(() => assert.rejects(cancelMailing(ctx, sender, id), refusedBy(e.notMovable)));
  await world.nothingWritten(() => assert.rejects(releaseMailing(ctx, sender, id, {}), refusedBy(e.notMovable)));
});

test('given a mailing under way, when it is paused, resumed and cancelled, then what is sent stays sent and no more is', async () => {
  const id = await begin(town);
  for (const [i, party] of [municipality, orphan, citizen, leader].entries()) await upload(town, id, [party], { from: i + 1 });
  await releaseMailing(ctx, sender, id, {});
  assert.equal((await pauseMailing(ctx, sender, id)).state, 'Paused');
  await sendAllDue(town);
  assert.equal((await lookAtMailing(ctx, sender, id)).counts.sent, 0);
  assert.equal((await pauseMailing(ctx, sender, id)).state, 'Paused');

  assert.equal((await resumeMailing(ctx, sender, id)).state, 'Released');
  assert.equal((await resumeMailing(ctx, sender, id)).state, 'Released');
  const cancelled = await cancelMailing(ctx, sender, id);
  await sendAllDue(town);

  assert.deepEqual([cancelled.state, cancelled.counts.sent, cancelled.counts.unsent], ['Cancelled', 0, 4]);
  assert.deepEqual((await cancelMailing(ctx, sender, id)).counts, cancelled.counts);
  assert.equal((await messagesOf(town, id)).length, 0);
  assert.deepEqual(await brokenInvariants(town), []);
});

test('given many workers on one mailing, when it is cancelled in the middle, then the answer tells exactly what was sent', async () => {
  const id = await begin(town);
  const citizens = await manyCitizens(town, 60);
  for (const [i, party] of citizens.entries()) await upload(town, id, [party], { from: i + 1 });
  await releaseMailing(ctx, sender, id, {});

  const [cancelled] = await Promise.all([cancelMailing(ctx, sender, id), ...[1, 2, 3].map(() => sendTogether(3))]);

  const sent = (await messagesOf(town, id)).length;
  assert.equal(cancelled.counts.sent, sent);
  assert.equal(cancelled.counts.unsent, 60 - sent);
  await sendAllDue(town);
  assert.equal((await messagesOf(town, id)).length, sent);
});

test('given two workers at once, when a mailing is released, then each recipient gets one message', async () => {
  const id = await begin(town);
  const citizens = await manyCitizens(town, 120);
  for (let i = 0; i < citizens.length; i += 10) await upload(town, id, citizens.slice(i, i + 10), { from: i + 1 });
  await releaseMailing(ctx, sender, id, {});

  await Promise.all([sendTogether(12), sendTogether(12), sendTogether(12)]);
  await sendAllDue(town);

  const messages = await messagesOf(town, id);
  assert.deepEqual([messages.length, new Set(messages.map(({ recipient }) => recipient)).size], [120, 120]);
  assert.equal((await lookAtMailing(ctx, sender, id)).state, 'Finished');
  assert.deepEqual(await brokenInvariants(town), []);
});

test('given a worker that is killed at any statement, when another goes on, then nothing is sent twice or lost', async () => {
  const id = await begin(town);
  const citizens = await manyCitizens(town, 40);
  for (let i = 0; i < citizens.length; i += 4) await upload(town, id, citizens.slice(i, i + 4), { from: i + 1 });
  await releaseMailing(ctx, sender, id, {});
  const kill = (): Promise<unknown> =>
    world.db.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity
                          where datname = current_database() and pid <> pg_backend_pid() and state = 'idle in transaction'`);

  let kills = 0;
  let sending = true;
  const killer = (async () => {
    while (sending) kills += ((await kill().catch(() => ({ rowCount: 0 }))) as { rowCount: number }).rowCount;
  })();
  for (let i = 0; i < 50 && (await lookAtMailing(ctx, sender, id).catch(() => undefined))?.state !== 'Finished'; i++) {
    await sendTogether(1).catch(() => {});
    if (kills > 5) sending = false;
  }
  sending = false;
  await killer;
  // What a killed connection held is let go when PostgreSQL has seen to it.
  for (let i = 0; i < 200 && (await lookAtMailing(ctx, sender, id)).state !== 'Finished'; i++) {
    await sendAllDue(town);
    await sleep(20);
  }

  const messages = await messagesOf(town, id);
  assert.ok(kills > 0);
  assert.deepEqual([messages.length, new Set(messages.map(({ recipient }) => recipient)).size], [40, 40]);
  assert.equal((await lookAtMailing(ctx, sender, id)).state, 'Finished');
  assert.deepEqual(await brokenInvariants(town), []);
});

test('given people who change while a mailing waits, when it is sent, then it is decided on how they are then', async () => {
  const [gone, sealedOff] = [await world.person('SNART RESERVERT'), await world.organization('SNART ÅPEN AS')];
  const id = await begin(town);
  await upload(town, id, [gone, sealedOff, citizen]);
  assert.equal((await lookAtMailing(ctx, sender, id)).openability.UNREACHABLE, 1);
  await world.reserve(gone);
  await world.role(leader, 'DAGL', sealedOff);

  const { counts, state } = await sendOff(town, id);

  assert.deepEqual([state, counts.sent, counts.refused, counts.staged], ['Finished', 2, 1, 2]);
  const { errors } = await listLineErrors(ctx, sender, id, 0);
  assert.deepEqual(
    errors.map(({ line, errorCode }) => [line, errorCode]),
    [[1, lineErrors.reserved.code]],
  );
  const { openers } = await world.db.one<{ openers: number }>(sql`select openers from watch.item where party_id = ${sealedOff.id}`);
  assert.equal(openers, 1);
  assert.deepEqual(
    (await listMessagesOfLines(ctx, sender, id, 0)).messages.map(({ line }) => line),
    [2, 3],
  );
});

test('given some whom nobody opens for, when the sender leaves them out and lets the mailing go later, then those who still have nobody stand among the errors, and the rest get it', async () => {
  const [opensLater, never] = [await world.organization('ÅPEN I MORGEN AS'), await world.organization('ALDRI AS')];
  const alone = await begin(town);
  await upload(town, alone, [never]);
  await world.nothingWritten(() =>
    assert.rejects(releaseMailing(ctx, sender, alone, { leaveOut: ['UNREACHABLE'] }), refusedBy(e.nothingToRelease)),
  );
  const id = await begin(town);
  await upload(town, id, [opensLater, never, citizen]);
  const at = new Date(ctx.now().getTime() + 60_000).toISOString();
  const released = await releaseMailing(ctx, sender, id, { at, leaveOut: ['UNREACHABLE', 'GRANTABLE', 'UNREACHABLE'] });
  assert.deepEqual(released.release.leaveOut, ['UNREACHABLE', 'GRANTABLE']);
  const again = await releaseMailing(ctx, sender, id, { at });
  assert.deepEqual(again.release.leaveOut, ['UNREACHABLE', 'GRANTABLE'], 'who lets it go again changes no choice that is not named');
  await world.role(leader, 'DAGL', opensLater);

  await world.advance(61);
  await sendAllDue(town);

  const { state, counts } = await lookAtMailing(ctx, sender, id);
  assert.deepEqual([state, counts], ['Finished', { received: 3, staged: 2, refused: 1, sent: 2, published: 2, unsent: 0 }]);
  const { errors } = await listLineErrors(ctx, sender, id, 0);
  assert.deepEqual(
    errors.map(({ line, errorCode }) => [line, errorCode]),
    [[2, lineErrors.leftOut.code]],
  );
  assert.deepEqual(await brokenInvariants(town), []);
});

test('given access that has changed, when a sender asks to check, then the counts are those of now', async () => {
  const house = await world.organization('SNART LEDET AS');
  const id = await begin(town);
  await upload(town, id, [house, citizen]);
  await world.role(leader, 'DAGL', house);

  const asked = await checkMailing(ctx, sender, id);
  assert.equal(asked.check.done, false);
  while ((await checkAsked(ctx)) === 'more');

  const { check, openability, counts } = await lookAtMailing(ctx, sender, id);
  assert.deepEqual([check.done, openability.UNREACHABLE, counts.staged], [true, 0, 2]);
});

test('given a letter that may not be sent any more, when its time comes, then the mailing waits for its sender and says why', async () => {
  const owner = await world.organization('TREDJE ETAT', { orgCode: 'tredje' });
  await world.resource('tredje-brev', owner, { senders: [town.agency.number!] });
  const id = await begin(town, { resourceId: 'tredje-brev' });
  await upload(town, id, [citizen]);
  await releaseMailing(ctx, sender, id, {});
  await world.resource('tredje-brev', owner);

  await sendAllDue(town);

  const { state, stalledBy, counts } = await lookAtMailing(ctx, sender, id);
  assert.deepEqual([state, counts.sent], ['Paused', 0]);
  assert.match(stalledBy ?? '', /access/i);
  await world.resource('tredje-brev', owner, { senders: [town.agency.number!] });
  await resumeMailing(ctx, sender, id);
  await sendAllDue(town);
  assert.deepEqual((await lookAtMailing(ctx, sender, id)).counts.sent, 1);
});

test('given a mailing that ended long ago, when old lines are forgotten, then its counts stay', async () => {
  const id = await begin(town);
  await upload(town, id, ['tull', JSON.stringify({ recipient: citizen.number })]);
  const { counts } = await sendOff(town, id);
  assert.equal(await forgetOldLines(ctx), undefined);
  await world.advance(keptDays * 86_400 + 60);

  while ((await forgetOldLines(ctx)) === 'more');

  assert.deepEqual((await lookAtMailing(ctx, sender, id)).counts, counts);
  assert.deepEqual([(await listMessagesOfLines(ctx, sender, id, 0)).messages, (await listLineErrors(ctx, sender, id, 0)).errors], [[], []]);
  assert.deepEqual(await brokenInvariants(town), []);
});

test('given people whom policies let send on one service of the sender, when they look at its mailings and move them, then it is those on that service alone', async () => {
  const letters = await world.resource('andre-brev', town.agency);
  const [onLetters, onOther] = [await world.person('BREVA BREV'), await world.person('ANNA ANNEN')];
  await world.db.transaction(async (tx) => {
    saveGrants(tx, [
      { at: town.agency.id, to: onLetters.id, resource: 'brev' as ResourceId, actions: ['write'] },
      { at: town.agency.id, to: onOther.id, resource: letters, actions: ['write'] },
    ]);
    await announceAccessChanges(tx);
  });
  const acting = (person: Party) => personCaller(person, scopes.sender, { party: town.agency.id, actor: person.id });
  const [mine, others] = [acting(onLetters), acting(onOther)];
  const id = await begin(town);
  await upload(town, id, [citizen]);

  const listed = async (caller: Caller) => (await listOwnMailings(ctx, caller, {})).mailings.some(({ mailingId }) => mailingId === id);
  assert.deepEqual([await listed(sender), await listed(mine), await listed(others)], [true, true, false]);
  await world.nothingWritten(async () => {
    const tried = [lookAtMailing, listLineErrorsOf, listMessagesOf, pauseMailing, resumeMailing, cancelMailing, checkMailing];
    for (const act of tried) await assert.rejects(act(ctx, others, id), refusedBy(e.mailingNotFound), act.name);
    await assert.rejects(releaseMailing(ctx, others, id, {}), refusedBy(e.mailingNotFound));
    await assert.rejects(upload(town, id, [leader], { from: 2, caller: others }), refusedBy(e.mailingNotFound));
  });
  assert.equal((await cancelMailing(ctx, mine, id)).state, 'Cancelled');
});

const listLineErrorsOf = (...[on, caller, id]: Parameters<typeof lookAtMailing>) => listLineErrors(on, caller, id, 0);
const listMessagesOf = (...[on, caller, id]: Parameters<typeof lookAtMailing>) => listMessagesOfLines(on, caller, id, 0);
