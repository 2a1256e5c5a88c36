import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listEvidence } from '#evidence/index.ts';
import { sql } from '#kernel/database.ts';
import { type CorrespondenceId, newId } from '#kernel/ids.ts';
import type { Refusal } from '#kernel/refusal.ts';
import { findWatch, type SenderDecision, takeDueSteps, takeUpOwed } from '#watch/index.ts';
import { createCutDatabase } from '../../test/cut-database.ts';
import { organizationCaller, scopes } from '../../test/world.ts';
import { confirmMessage } from '../correspondence/read/confirm-message.ts';
import { getOverview } from '../correspondence/read/look-at-message.ts';
import { giveMessage, openMessage } from '../correspondence/read/open-message.ts';
import { purgeMessage } from '../correspondence/read/purge-message.ts';
import {
  createTown,
  eventsOf,
  evidenceOf,
  failureOf,
  historyOf,
  letter,
  outcomeOf,
  scan,
  send,
  sendAll,
  stateOf,
} from '../correspondence/testing/town.ts';
import { watchInvariants } from '../watch/invariants.ts';
import { decideMessage } from './decide-message.ts';
import { deskInvariants } from './invariants.ts';
import { showTimeline } from './show-timeline.ts';
import { findViolations } from './store.ts';

const town = await createTown();
const { world, citizen, sender, reading } = town;
const recall: SenderDecision = { decision: 'recall', name: 'Kari Berg', reason: 'Sendt til feil person' };
const accept: SenderDecision = { decision: 'accept-as-unread', name: 'Kari Berg', reason: 'Innbyggeren er orientert på telefon' };
const decide = async (id: CorrespondenceId, wish: SenderDecision, by = sender) => {
  await decideMessage(world.ctx, by, id, wish);
  return (await findWatch(world.db, id))!;
};
const inTenDays = () => new Date(world.ctx.now().getTime() + 864_000_000).toISOString();
/** A refusal of this number. */
const row = (code: number) => (error: { row?: { code: number } }) => error.row?.code === code;
const open = (id: CorrespondenceId) => openMessage(world.ctx, reading, id);

async function invariantsHold(): Promise<void> {
  // No mails are sent here.
  const rules = [...deskInvariants, ...watchInvariants].filter(({ name }) => !name.startsWith('what a recipient deleted unopened is told'));
  for (const { name, rows } of await findViolations(world.db, rules)) assert.deepEqual(rows, [], name);
}

test('given a letter on its way to two readers, when its sender recalls it, then it cannot until both have broken off, and never when one has it', async () => {
  const give = async (id: CorrespondenceId) => (await giveMessage(world.ctx, reading, id)).recordEnd!;
  const broken = await send(town, letter([citizen]));
  const [first, second] = [await give(broken), await give(broken)];
  await assert.rejects(decide(broken, recall), row(9403));
  await second(false);
  await assert.rejects(decide(broken, recall), row(9403));
  await first(false);
  assert.equal((await decide(broken, recall)).outcome, 'recalled');

  const taken = await send(town, letter([citizen]));
  const [its, other] = [await give(taken), await give(taken)];
  await its(true);
  await other(false);
  await assert.rejects(decide(taken, recall));
  assert.equal(await outcomeOf(town, taken), 'opened');

  const lost = await send(town, letter([citizen]));
  await give(lost);
  const letBe = await decide(lost, accept);
  assert.deepEqual([letBe.outcome, letBe.openedAt], ['accepted-unread', null], 'what nobody is known to have had can be let be');
  await invariantsHold();
});

test('given a published letter with a file, when its sender recalls it, then clients see what a purge by the sender shows, and the watch says who decided and why', async () => {
  const file = await world.file('vedtak.pdf', 'et vedtak');
  const { correspondences, attachmentIds } = await sendAll(
    town,
    letter([citizen], { content: { attachments: [{ fileName: 'vedtak.pdf', sendersReference: '1' }] } }),
    [file],
  );
  const id = correspondences[0]!.correspondenceId as CorrespondenceId;
  await scan(town, attachmentIds);
  await getOverview(world.ctx, reading, id); // looked at, which opens nothing

  const watch = await decide(id, recall);

  assert.deepEqual([watch.state, watch.outcome, watch.nextAction], ['settled', 'recalled', null]);
  assert.deepEqual({ ...watch.decision, at: null }, { ...recall, at: null });
  assert.equal(watch.decision!.at, watch.settledAt);
  assert.equal(await stateOf(town, id), 'PurgedByAltinn');
  assert.equal((await historyOf(town, id)).at(-1), 'PurgedByAltinn');
  assert.deepEqual((await eventsOf(town, id)).slice(-2), ['correspondencepurged', 'no.budstikke.watch.decided']);
  assert.equal((await evidenceOf(town, id)).at(-1), 'Recalled closed-by-sender');
  const { who, core } = (await listEvidence(world.db, [id])).at(-1)!;
  assert.deepEqual([who.name, who.reason, core.reason], [recall.name, recall.reason, 'urn:budstikke:reason:recalled']);
  assert.match((await evidenceOf(town, attachmentIds[0]!)).at(-1)!, /^ContentPurged/);
  const { entries } = await showTimeline(world.ctx, sender, id, {});
  assert.ok(entries.find(({ event }) => event === 'ContentPurged')?.what, 'the letter’s timeline says that the bytes of its file went');
  assert.deepEqual(
    entries,
    entries.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  );
  await assert.rejects(open(id), { message: /not found/i });
  await assert.rejects(getOverview(world.ctx, reading, id), { message: /not found/i });
  await invariantsHold();
});

test('given a letter that nobody opens, when its sender accepts it as unread, then it stays where it is, nobody is asked again, and a later reader changes nothing of that', async () => {
  const id = await send(town, letter([citizen]));

  const watch = await decide(id, { ...accept, name: `  ${accept.name} ` });

  assert.deepEqual([watch.outcome, watch.nextAction, watch.decision!.name], ['accepted-unread', null, accept.name]);
  const { event, proves, who } = (await listEvidence(world.db, [id])).at(-1)!;
  assert.deepEqual([event, proves, who.name, who.reason], ['AcceptedUnread', 'closed-by-sender', accept.name, accept.reason]);
  assert.equal((await eventsOf(town, id)).at(-1), 'no.budstikke.watch.decided');
  assert.equal(await stateOf(town, id), 'Published');
  await world.advance(30 * 24 * 3600);
  const before = (await evidenceOf(town, id)).length;
  await takeDueSteps({ ...world.ctx, addresses: { inbox: 'https://inbox.example', console: 'https://console.example' } });
  assert.equal((await evidenceOf(town, id)).length, before, 'no step is taken any more');
  assert.equal(await open(id), 'Du har fått et vedtak.');
  assert.equal(await outcomeOf(town, id), 'accepted-unread');
  await invariantsHold();
});

for (const wish of [recall, accept]) {
  test(`given a sender that has decided (${wish.decision}), when it decides the same again, then the answer is the same and nothing is written; otherwise it is refused`, async () => {
    const id = await send(town, letter([citizen]));
    const first = await decide(id, wish);
    assert.deepEqual(await world.nothingWritten(() => decide(id, wish)), first);
    const other = wish === recall ? accept : recall;
    for (const different of [other, { ...wish, name: 'Ola Lie' }, { ...wish, reason: 'Noe annet' }]) {
      await world.nothingWritten(() => assert.rejects(decide(id, different), row(9405)));
    }
  });
}

for (const wish of [recall, accept]) {
  test(`given letters that are opened, deleted or taken back, when their sender decides (${wish.decision}), then it is told that there is nothing to decide, and nothing is written`, async () => {
    const [opened, unconfirmed, deleted, purged] = [
      await send(town, letter([citizen])),
      await send(town, letter([citizen], { isConfirmationNeeded: true, dueDateTime: inTenDays() })),
      await send(town, letter([citizen])),
      await send(town, letter([citizen], { requestedPublishTime: inTenDays() })),
    ];
    await open(opened);
    await open(unconfirmed);
    await getOverview(world.ctx, reading, deleted);
    await purgeMessage(world.ctx, reading, deleted);
    await purgeMessage(world.ctx, sender, purged);
    for (const [id, code] of [
      [opened, 9404],
      ...(wish === recall ? [[unconfirmed, 9403] as const] : []),
      [deleted, 9404],
      [purged, 9404],
    ] as const) {
      await world.nothingWritten(() => assert.rejects(decide(id, wish), row(code)));
    }
    await confirmMessage(world.ctx, reading, unconfirmed);
  });

  test(`given a stranger, the recipient, and a message that does not exist, when they decide (${wish.decision}), then there is no such message, and nothing is written`, async () => {
    const id = await send(town, letter([citizen]));
    const stranger = organizationCaller(town.municipality, scopes.sender);
    for (const caller of [stranger, reading, town.leading]) {
      await world.nothingWritten(() => assert.rejects(decide(id, wish, caller), row(9501)));
    }
    await world.nothingWritten(() => assert.rejects(decide(newId<CorrespondenceId>(), wish), row(9501)));
    assert.equal(await outcomeOf(town, id), null);
  });
}

test('given a letter that was opened and is not confirmed, when its sender lets it be, then that ends it with evidence that it was opened, nobody is told any more, and a late confirmation counts', async () => {
  const id = await send(town, letter([citizen], { isConfirmationNeeded: true, dueDateTime: inTenDays() }));
  await open(id);
  for (const wish of [recall, { ...accept, decision: 'read-elsewhere', source: 'Fagsystem' } as const])
    await world.nothingWritten(() => assert.rejects(decide(id, wish), row(9403)));

  const watch = await decide(id, accept);

  assert.deepEqual([watch.state, watch.outcome, watch.nextAction], ['settled', 'accepted-unread', null]);
  assert.ok(watch.openedAt);
  const { event, core, who } = (await listEvidence(world.db, [id])).at(-1)!;
  assert.deepEqual([event, core.opened, who.name, who.reason], ['AcceptedUnread', true, accept.name, accept.reason]);
  assert.deepEqual(await world.nothingWritten(() => decide(id, accept)), watch);
  await world.nothingWritten(() => assert.rejects(decide(id, recall), row(9405)));
  const before = (await evidenceOf(town, id)).length;
  await world.advance(30 * 24 * 3600);
  await takeDueSteps({ ...world.ctx, addresses: { inbox: 'https://inbox.example', console: 'https://console.example' } });
  assert.equal((await evidenceOf(town, id)).length, before, 'no step is taken any more');
  await confirmMessage(world.ctx, reading, id);
  assert.equal(await stateOf(town, id), 'Confirmed');
  assert.equal(await outcomeOf(town, id), 'accepted-unread');
  await invariantsHold();
});

/** Its watch has lost what opening takes, while an attachment was locked. */
async function loseNeeds(id: CorrespondenceId): Promise<void> {
  await world.db.pool.query('delete from watch.need where about = $1', [id]);
  await world.db.pool.query('update watch.item set attachment_locked = true where about = $1', [id]);
}

test('given letters that were opened while their watches could not hear of it, when their sender decides, then none is taken back, and what it lets be was opened', async () => {
  const cannotEnd = `
    create function watch.break() returns trigger language plpgsql as $$ begin raise exception 'broken on purpose'; end $$;
    create trigger broken before update of settled_at on watch.item for each row when (new.settled_at is not null) execute function watch.break()`;
  const [ended, unconfirmed, untaken] = await Promise.all([
    send(town, letter([citizen])),
    send(town, letter([citizen], { isConfirmationNeeded: true, dueDateTime: inTenDays() })),
    send(town, letter([citizen])),
  ]);
  await world.db.pool.query(cannotEnd);
  await open(ended);
  await world.db.pool.query('drop trigger broken on watch.item; drop function watch.break()');
  for (const id of [unconfirmed, untaken]) {
    await loseNeeds(id);
    await open(id);
  }

  for (const [id, wish, code] of [
    [ended, recall, 9404],
    [ended, accept, 9404],
    [unconfirmed, recall, 9403],
    [untaken, recall, 9403],
  ] as const)
    await world.nothingWritten(() => assert.rejects(decide(id, wish), row(code)));
  const watch = await decide(untaken, accept);
  assert.equal(watch.outcome, 'accepted-unread');
  assert.ok(watch.openedAt);
  const { event, core } = (await listEvidence(world.db, [untaken])).at(-1)!;
  assert.deepEqual([event, core.opened], ['AcceptedUnread', true]);

  await world.db.pool.query(
    `
    insert into watch.need (about, party_id, resource_id, action, instance, policy_version)
    select about, party_id, resource_id, 'read', about, 0 from watch.item where about = $1`,
    [unconfirmed],
  );
  assert.equal(await takeUpOwed(world.ctx), 3);
  assert.deepEqual(
    [await outcomeOf(town, ended), await outcomeOf(town, unconfirmed), await outcomeOf(town, untaken)],
    ['opened', null, 'accepted-unread'],
  );
  assert.equal(await open(untaken), 'Du har fått et vedtak.');
  await invariantsHold();
});

test('given a letter that is not published yet, when its sender decides, then it can be recalled and not accepted as unread', async () => {
  const id = await send(town, letter([citizen], { requestedPublishTime: inTenDays() }));
  await world.nothingWritten(() => assert.rejects(decide(id, accept), row(9406)));
  assert.equal((await decide(id, recall)).outcome, 'recalled');
  assert.equal(await stateOf(town, id), 'PurgedByAltinn');
});

for (const wish of [recall, accept]) {
  test(`given a letter that failed and whose sender has no address, when the sender decides (${wish.decision}), then its watch ends`, async () => {
    const file = await world.file('virus.pdf', ['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join(''));
    const { correspondences, attachmentIds } = await sendAll(
      town,
      letter([citizen], { content: { attachments: [{ fileName: 'virus.pdf', sendersReference: '1' }] } }),
      [file],
    );
    const id = correspondences[0]!.correspondenceId as CorrespondenceId;
    await scan(town, attachmentIds);
    assert.deepEqual([await failureOf(town, id), await outcomeOf(town, id)], ['malware', null]);
    assert.ok((await decide(id, wish)).settledAt);
    await invariantsHold();
  });
}

test('given openings and decisions at the same time, many times over, when all are done, then each letter was opened or decided, and whoever was second was told', async () => {
  for (let i = 0; i < 12; i += 1) {
    const id = await send(town, letter([citizen]));
    const wish = i % 2 === 0 ? recall : accept;
    const both: readonly (() => Promise<unknown>)[] = [() => open(id), () => decide(id, wish)];
    const done = await Promise.allSettled((i % 4 < 2 ? both : both.toReversed()).map((act) => act()));
    const outcome = await outcomeOf(town, id);
    const refused = done.filter(({ status }) => status === 'rejected').length;
    if (outcome === 'opened') assert.equal(refused, 1, 'the decision came too late');
    if (outcome === 'recalled') assert.equal(refused, 1, 'the opening came too late');
    if (outcome === 'accepted-unread') assert.equal(refused, 0, 'who opens later may read');
    assert.ok(outcome !== null);
    const closing = (await evidenceOf(town, id)).filter((line) => line.endsWith('closed-by-sender'));
    assert.equal(closing.length, outcome === 'opened' ? 0 : 1);
  }
  await invariantsHold();
});

test("given decisions about many letters at the same time, when some are nobody's, opened or with files, then each has its own answer", async () => {
  const file = await world.file('a.txt', 'hei');
  const attachment = { fileName: 'a.txt', sendersReference: 'a', dataLocationType: 'ExistingCorrespondenceAttachment' as const };
  const withFile = (await sendAll(town, letter([citizen], { content: { attachments: [attachment] } }), [file])).correspondences[0]!;
  const [one, two, opened] = [
    await send(town, letter([citizen])),
    await send(town, letter([citizen])),
    await send(town, letter([citizen])),
  ];
  await open(opened);
  const ids = [one, two, opened, newId<CorrespondenceId>(), withFile.correspondenceId as CorrespondenceId];
  const done = await Promise.allSettled(ids.map((id, i) => decide(id, i === 1 ? accept : recall)));
  assert.deepEqual(
    done.map((each) => (each.status === 'fulfilled' ? each.value.outcome : (each.reason as Refusal).row.code)),
    ['recalled', 'accepted-unread', 9404, 9501, 'recalled'],
  );
  await invariantsHold();
});

test('given a watch that somebody else holds, when its letter and another are decided about at once, then the other waits for nobody', async () => {
  const ids = [await send(town, letter([citizen])), await send(town, letter([citizen]))];
  const decided: Promise<{ outcome: string | null }>[] = [];
  await world.db.transaction(async (tx) => {
    await tx.all(sql`select from watch.item where about = ${ids[0]!} for update`);
    decided.push(...ids.map((id) => decide(id, recall)));
    assert.equal((await decided[1]!).outcome, 'recalled');
  });
  assert.deepEqual(
    (await Promise.all(decided)).map(({ outcome }) => outcome),
    ['recalled', 'recalled'],
  );
});

test('given two decisions at once, when they differ, then one stands and the other is told; when they are equal, both get the one answer', async () => {
  for (let i = 0; i < 6; i += 1) {
    const id = await send(town, letter([citizen]));
    const differing = await Promise.allSettled([decide(id, recall), decide(id, accept)]);
    const refused = differing.filter((one) => one.status === 'rejected');
    assert.deepEqual([refused.length, refused[0]?.reason.row.code], [1, 9405]);

    const other = await send(town, letter([citizen]));
    const [one, two] = await Promise.all([decide(other, recall), decide(other, recall)]);
    assert.deepEqual(one, two);
    const { n } = await world.db.one<{ n: number }>(
      sql`select count(*)::int as n from events.outbox where resource_instance = ${other} and type = 'no.budstikke.watch.decided'`,
    );
    assert.equal(n, 1);
  }
});

test('given decisions at the same time, when the connection is cut at their commit, then each stands once, and its sender is told so', async () => {
  const cut = await createCutDatabase(world.db.pool.options.connectionString!, { patienceMillis: 2_000 });
  const ids = await Promise.all([1, 2, 3].map(() => send(town, letter([citizen]))));
  cut.cutAtNextCommit();
  await Promise.all(ids.map((id) => decideMessage({ ...world.ctx, db: cut.db }, sender, id, recall)));
  assert.equal(cut.cuts(), 1);
  for (const id of ids) assert.equal((await evidenceOf(town, id)).filter((line) => line.startsWith('Recalled')).length, 1);
  await cut.db.close();
});
