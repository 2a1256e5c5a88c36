import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import { configureAccess } from '#access/index.ts';
import { listEvidence } from '#evidence/index.ts';
import { sql } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { takeUpOwed } from '#watch/index.ts';
import { createCutDatabase } from '../../../test/cut-database.ts';
import { organizationCaller, personCaller, scopes } from '../../../test/world.ts';
import { watchInvariants } from '../../watch/invariants.ts';
import { breakings } from '../../watch/testing/breakings.ts';
import { titleCased } from '../send/rules/text-rules.ts';
import { createTown, eventsOf, evidenceOf, historyOf, letter, outcomeOf, rows, send, stateOf } from '../testing/town.ts';
import { confirmMessage } from './confirm-message.ts';
import { getDetails, getOverview } from './look-at-message.ts';
import { markAsRead } from './mark-as-read.ts';
import { openMessage, openTranslations } from './open-message.ts';
import { hiddenContent } from './show-content.ts';

const town = await createTown();
const { world, agency, citizen, municipality, leader, sender, leading, reading } = town;
const { ctx } = world;
const stranger = personCaller(await world.person('EN FREMMED'));
const hour = 3_600_000;
const inAnHour = () => new Date(ctx.now().getTime() + hour).toISOString();
const unknown = '0198f0a0-0000-7000-8000-00000000ffff' as CorrespondenceId;
after(() => configureAccess({ ownerReads: false }));

function refusal(code: number): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.row.code, code);
    return true;
  };
}

test('given a published letter, when its recipient looks at it, then clients see Fetched, the body is shown, and nothing is opened', async () => {
  const id = await send(town, letter([citizen], { content: { messageTitle: 'Hei {{recipientName}}' }, propertyList: { a: 'b' } }));

  const overview = await getOverview(ctx, reading, id);

  assert.equal(overview.content.messageTitle, 'Hei Ola Nordmann');
  assert.equal(overview.content.messageBody, 'Du har fått et vedtak.');
  assert.equal(overview.status, 'Published');
  assert.equal(overview.read, null);
  assert.equal(overview.published, overview.statusChanged);
  assert.equal(overview.messageSender, '');
  assert.deepEqual(overview.propertyList, { a: 'b' });
  assert.equal(overview.externalReferences[0]!.referenceType, 'DialogportenDialogId');
  assert.deepEqual(await historyOf(town, id), ['ReadyForPublish', 'Published', 'Fetched']);
  assert.equal((await evidenceOf(town, id)).at(-1), 'OverviewFetched nothing');
  assert.equal(await outcomeOf(town, id), null);
});

test('given a look a moment ago, when the same party looks again, then nothing is written until 15 seconds have gone', async () => {
  const id = await send(town, letter([municipality]));
  await getOverview(ctx, leading, id);

  await world.nothingWritten(() => getOverview(ctx, leading, id));
  await world.advance(16);
  await getOverview(ctx, leading, id);
  assert.deepEqual(await historyOf(town, id), ['ReadyForPublish', 'Published', 'Fetched', 'Fetched']);
  await getDetails(ctx, leading, id);
  assert.equal((await historyOf(town, id)).length, 5);
});

test('given a letter, when its sender looks, then it sees the content until the letter is published, and leaves no trace', async () => {
  const id = await send(town, letter([citizen], { requestedPublishTime: inAnHour() }));

  const before = await world.nothingWritten(() => getOverview(ctx, sender, id));
  assert.equal(before.content.messageBody, 'Du har fått et vedtak.');
  assert.equal(before.status, 'ReadyForPublish');
  assert.equal(before.published, null);
  const published = await send(town, letter([citizen]));
  const seen = await world.nothingWritten(() => getOverview(ctx, sender, published));
  assert.deepEqual(seen.content, hiddenContent);
  assert.equal(seen.sender, `urn:altinn:organization:identifier-no:${agency.number}`);
});

test('given a letter whose time has come while the publisher sleeps, when its recipient asks for it, then it is published and shown', async () => {
  const id = await send(town, letter([citizen], { requestedPublishTime: inAnHour() }));
  await world.nothingWritten(() => assert.rejects(getOverview(ctx, reading, id), refusal(1001)));
  await world.nothingWritten(() => assert.rejects(openMessage(ctx, reading, id), refusal(1001)));
  await world.advance(3_601);

  assert.equal((await getOverview(ctx, reading, id)).status, 'Published');
  assert.deepEqual(await historyOf(town, id), ['ReadyForPublish', 'Published', 'Fetched']);
});

test('given a reader with a right, when the body is handed out, then the watch ends as opened and the evidence names the right', async () => {
  const id = await send(town, letter([municipality]));

  assert.equal(await openMessage(ctx, leading, id), 'Du har fått et vedtak.');

  assert.equal(await outcomeOf(town, id), 'opened');
  assert.deepEqual(await historyOf(town, id), ['ReadyForPublish', 'Published', 'Fetched', 'Read']);
  assert.equal((await evidenceOf(town, id)).at(-1), 'ContentAccessTracking opened');
  const [access] = await rows<{ who: string }>(town, sql`select who from evidence.evidence where about = ${id} and proves = 'opened'`);
  const who = JSON.parse(access!.who) as { actor: { party: string }; right: string[] };
  assert.equal(who.actor.party, leader.id);
  assert.ok(who.right.length > 0);
  assert.equal((await eventsOf(town, id)).at(-1), 'correspondencereceiverread');
  assert.equal((await getOverview(ctx, sender, id)).status, 'Read');
  assert.ok((await getOverview(ctx, sender, id)).read);
});

const nynorsk = { language: 'nn', messageTitle: 'Vedtak', messageSummary: null, messageBody: 'Du har fått eit vedtak, {{recipientName}}.' };
const english = { language: 'en', messageTitle: 'Decision for {{recipientName}}', messageSummary: 'In short', messageBody: 'You have it.' };

test('given a letter in three languages, when a reader asks for them, then each is there as it greets them, and it is opened as by its content', async () => {
  const replyOptions = ['a', 'b', 'c', 'd'].map((name) => ({ linkURL: `https://${name}.example`, linkText: name }));
  const id = await send(town, letter([municipality], { replyOptions, content: { translations: [nynorsk, english] } }));

  const { original, translations } = await openTranslations(ctx, leading, id);

  const links = ['a', 'b', 'c', 'd'].map((name) => `${name}: https://${name}.example`).join('\n');
  const name = titleCased(municipality.name);
  assert.equal(original.messageBody, `Du har fått et vedtak.\n\nSvarvalg:\n${links}`);
  assert.deepEqual(translations, [
    { ...nynorsk, messageBody: `Du har fått eit vedtak, ${name}.\n\nSvarval:\n${links}` },
    { ...english, messageTitle: `Decision for ${name}`, messageBody: `You have it.\n\nReply options:\n${links}` },
  ]);
  assert.equal(await outcomeOf(town, id), 'opened');
  assert.deepEqual(await historyOf(town, id), ['ReadyForPublish', 'Published', 'Fetched', 'Read']);
  assert.equal((await evidenceOf(town, id)).at(-1), 'ContentAccessTracking opened');
  assert.equal((await eventsOf(town, id)).at(-1), 'correspondencereceiverread');
  const overview = await getOverview(ctx, leading, id);
  assert.deepEqual(
    [overview.content.language, overview.content.messageTitle, overview.content.messageBody, 'translations' in overview.content],
    ['nb', 'Vedtak', original.messageBody, false],
    'what clients of the original see is what they saw',
  );
  assert.equal(await openMessage(ctx, leading, id), original.messageBody);
});

test('given a letter in two languages, when its sender asks for them, then it sees them until it is published, and a letter in one has no other', async () => {
  const id = await send(town, letter([citizen], { requestedPublishTime: inAnHour(), content: { translations: [english] } }));

  const before = await world.nothingWritten(() => openTranslations(ctx, sender, id));
  assert.deepEqual(
    before.translations.map(({ messageBody }) => messageBody),
    [english.messageBody],
  );
  await world.nothingWritten(() => assert.rejects(openTranslations(ctx, stranger, id), refusal(4001)));
  await world.nothingWritten(() => assert.rejects(openTranslations(ctx, reading, id), refusal(1001)));
  await world.advance(3_601);
  assert.equal((await openTranslations(ctx, reading, id)).translations[0]!.messageTitle, `Decision for ${titleCased(citizen.name)}`);
  await world.nothingWritten(() => assert.rejects(openTranslations(ctx, sender, id), refusal(4001)));
  const alone = await send(town, letter([citizen]));
  assert.deepEqual((await openTranslations(ctx, reading, alone)).translations, []);
});

test('given letters with translations and without, when their hashes are looked at, then a letter without has the one that it always had, and each word of a translation counts', async () => {
  const hashOf = async (content: object): Promise<string> => {
    const id = await send(town, letter([citizen], { content }));
    const [row] = await rows<{ hash: string }>(
      town,
      sql`select s.content_sha256 as hash from correspondence.submission s join correspondence.message m on m.submission_id = s.id where m.id = ${id}`,
    );
    return row!.hash;
  };
  const words = '"body":"Du har fått et vedtak.","language":"nb","summary":null,"title":"Vedtak"';
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

  assert.equal(await hashOf({}), sha256(`{${words}}`));
  assert.equal(await hashOf({ translations: [] }), sha256(`{${words}}`));
  const translation = { language: 'en', messageTitle: 'Decision', messageSummary: 'In short', messageBody: 'You have it.' };
  assert.equal(
    await hashOf({ translations: [translation] }),
    sha256(`{${words},"translations":[{"body":"You have it.","language":"en","summary":"In short","title":"Decision"}]}`),
  );
  const greeting = await send(town, letter([citizen], { content: { translations: [english] } }));
  await openTranslations(ctx, reading, greeting);
  const hashes = (await listEvidence(world.db, [greeting]))
    .filter(({ event }) => event === 'SubmissionAcceptance' || event === 'ContentAccessTracking')
    .map(({ what }) => (what as { content: { sha256: string } }).content.sha256);
  assert.deepEqual([hashes.length, new Set(hashes).size], [2, 1], 'what is opened is what was accepted');
});

test('given a letter that is read, when it is opened again, then Read and its event stay one', async () => {
  const id = await send(town, letter([citizen]));
  await openMessage(ctx, reading, id);
  await openMessage(ctx, reading, id);

  assert.deepEqual(await historyOf(town, id), ['ReadyForPublish', 'Published', 'Fetched', 'Read']);
  assert.equal((await eventsOf(town, id)).filter((type) => type === 'correspondencereceiverread').length, 1);
});

test("given the recipient's own system, when it fetches the body, then the watch ends as handed over", async () => {
  const id = await send(town, letter([municipality]));

  await openMessage(ctx, organizationCaller(municipality, scopes.recipient), id);
  assert.equal(await outcomeOf(town, id), 'handed-over');
});

test('given a token with both scopes and a right to read, when it opens, then the watch ends and clients see neither Fetched nor Read', async () => {
  const id = await send(town, letter([municipality]));

  await openMessage(ctx, organizationCaller(municipality, scopes.both), id);

  assert.equal(await outcomeOf(town, id), 'handed-over');
  assert.deepEqual(await historyOf(town, id), ['ReadyForPublish', 'Published']);
  assert.equal((await getOverview(ctx, sender, id)).read, null);
});

test('given that owners may read, when the owner opens as the recipient, then clients see Read and the watch goes on', async () => {
  configureAccess({ ownerReads: true });
  const id = await send(town, letter([citizen]));
  const owner = organizationCaller(agency, ['altinn:serviceowner', 'altinn:correspondence.read']);

  await openMessage(ctx, owner, id);
  await confirmMessage(ctx, owner, id);
  configureAccess({ ownerReads: false });

  assert.deepEqual(await historyOf(town, id), ['ReadyForPublish', 'Published', 'Fetched', 'Read', 'Confirmed']);
  assert.equal(await outcomeOf(town, id), null);
  assert.ok((await evidenceOf(town, id)).every((row) => !/opened|confirmed/.test(row)));
  assert.equal((await evidenceOf(town, id)).filter((row) => row === 'SenderViewed nothing').length, 2);
});

test('given that owners may not read, when the owner asks for the body, then it is a stranger', async () => {
  const id = await send(town, letter([citizen]));
  const owner = organizationCaller(agency, ['altinn:serviceowner', 'altinn:correspondence.read']);

  await world.nothingWritten(() => assert.rejects(openMessage(ctx, owner, id), refusal(4001)));
});

test('given a letter, when it is marked as read, then clients see Read once, and the watch goes on', async () => {
  const id = await send(town, letter([citizen]));
  await world.nothingWritten(() => assert.rejects(markAsRead(ctx, reading, id), refusal(1024)));
  await getOverview(ctx, reading, id);

  assert.equal(await markAsRead(ctx, reading, id), id);
  assert.equal(await stateOf(town, id), 'Read');
  assert.equal(await outcomeOf(town, id), null);
  assert.equal((await eventsOf(town, id)).at(-1), 'correspondencereceiverread');
  await world.nothingWritten(() => assert.rejects(markAsRead(ctx, reading, id), refusal(1040)));
});

test('given a letter to confirm, when it is opened, then the watch goes on until someone confirms', async () => {
  const id = await send(town, letter([municipality], { isConfirmationNeeded: true, dueDateTime: inAnHour() }));
  await world.nothingWritten(() => assert.rejects(confirmMessage(ctx, leading, id), refusal(1025)));
  await openMessage(ctx, leading, id);
  assert.equal(await outcomeOf(town, id), null);

  assert.equal(await confirmMessage(ctx, leading, id), id);
  assert.equal(await outcomeOf(town, id), 'confirmed');
  assert.deepEqual((await evidenceOf(town, id)).slice(-2), ['ContentAccessTracking opened', 'ConsignmentAcceptance confirmed']);
  assert.equal((await eventsOf(town, id)).at(-1), 'correspondencereceiverconfirmed');
  await world.nothingWritten(() => assert.rejects(confirmMessage(ctx, leading, id), refusal(1041)));
});

test('given a letter, when eight confirm at once, then one confirmation is written', async () => {
  const id = await send(town, letter([municipality]));
  await getOverview(ctx, leading, id);

  const settled = await Promise.allSettled(Array.from({ length: 8 }, () => confirmMessage(ctx, leading, id)));

  assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1);
  assert.equal((await historyOf(town, id)).filter((status) => status === 'Confirmed').length, 1);
});

test('given a stranger or an id that is none, when anything is asked, then it is refused and nothing is written', async () => {
  const id = await send(town, letter([citizen]));
  await getOverview(ctx, reading, id);
  const acts = [getOverview, getDetails, openMessage, openTranslations, markAsRead, confirmMessage];

  for (const act of acts) {
    await world.nothingWritten(() => assert.rejects(act(ctx, stranger, id), refusal(4001)));
    await world.nothingWritten(() => assert.rejects(act(ctx, reading, unknown), refusal(1001)));
  }
  await world.nothingWritten(() => assert.rejects(openMessage(ctx, sender, id), refusal(4001)));
});

test('given more reply options than buttons, when the letter is read, then they follow the body, but not in the details', async () => {
  const untold: Readonly<Record<string, string | null>> = { c: ' ', d: null, e: '' };
  const replyOptions = ['a', 'b', 'c', 'd', 'e'].map((name) => ({
    linkURL: `https://${name}.example`,
    linkText: name in untold ? untold[name]! : name,
  }));
  const id = await send(town, letter([citizen], { replyOptions, content: { language: 'nn' } }));

  const body =
    'Du har fått et vedtak.\n\nSvarval:\na: https://a.example\nb: https://b.example\n' +
    ['c', 'd', 'e'].map((name) => `Gå til teneste: https://${name}.example`).join('\n');
  assert.equal(await openMessage(ctx, reading, id), body);
  assert.equal((await getOverview(ctx, reading, id)).content.messageBody, body);
  assert.equal((await getDetails(ctx, reading, id)).content.messageBody, 'Du har fått et vedtak.');
});

test('given orders of notifications, when the sender asks, then the overview names them', async () => {
  const notification = {
    emailSubject: 'Post',
    emailBody: 'Les',
    sendReminder: true,
    reminderEmailSubject: 'Igjen',
    reminderEmailBody: 'Les',
  };
  const id = await send(town, letter([citizen], { notification }));

  const { notifications } = await getOverview(ctx, sender, id);
  assert.deepEqual(
    notifications.map(({ isReminder }) => isReminder),
    [false, true],
  );
  assert.deepEqual((await getDetails(ctx, sender, id)).notifications, []);
});

/** Ways in which a watch can be broken so that an opening would fail with it. */
const { loseNeeds, refuseEnd, lose } = breakings(world.db);
const breaking = {
  'has lost what opening takes, while an attachment was locked': loseNeeds,
  'cannot be ended': refuseEnd,
  'is not there': lose,
};
const actRule = watchInvariants.find(({ name }) => name === 'no watch has failed to take up what its reader did')!;

for (const [how, breakWatch] of Object.entries(breaking))
  test(`given a letter whose watch ${how}, when its reader opens and confirms it, then both are done and recorded, the operator is told, and the watch hears of it when it is mended`, async () => {
    const id = await send(town, letter([citizen], { isConfirmationNeeded: true, dueDateTime: inAnHour() }));
    const mend = await breakWatch(id);
    const lines: object[] = [];
    const logging = { ...ctx, log: { ...ctx.log, error: (facts: object) => void lines.push(facts) } };

    assert.equal(await openMessage(logging, reading, id), 'Du har fått et vedtak.');
    assert.equal((await evidenceOf(town, id)).at(-1), 'ContentAccessTracking opened');
    assert.equal(await stateOf(town, id), 'Read');
    await confirmMessage(logging, reading, id);
    assert.equal(await stateOf(town, id), 'Confirmed');
    await world.nothingWritten(() => assert.rejects(openMessage(logging, stranger, id), refusal(4001)));

    const owed = await world.db.all<{ about: string; act: string }>(actRule.find);
    assert.deepEqual([...new Set(owed.map(({ about }) => about))], [id]);
    assert.ok(lines.length > 0 && lines.every((line) => (line as { about: string }).about === id));
    assert.doesNotMatch(JSON.stringify(lines), /Nordmann|vedtak/);
    assert.equal(await takeUpOwed(logging), 0, 'as long as it is broken it stays');

    await mend();
    await world.advance(60);
    assert.equal(await takeUpOwed(logging), owed.length);
    assert.equal(await outcomeOf(town, id), 'confirmed');
    assert.deepEqual(await world.db.all(actRule.find), []);
  });

test('given more broken watches than a round tries, when those behind them are whole again, then they hear of their readers in the next round, and the others once they are', async () => {
  const ids = await Promise.all([1, 2, 3].map(() => send(town, letter([citizen]))));
  const owed = async () => (await world.db.all<{ about: string }>(actRule.find)).map(({ about }) => about);
  const mends: (() => Promise<unknown>)[] = [];
  for (const id of ids) {
    mends.push(await loseNeeds(id));
    await openMessage(ctx, reading, id);
    await world.advance(1);
  }
  await mends[2]!();

  assert.deepEqual([await takeUpOwed(ctx, 2), await owed()], [0, ids]);
  assert.deepEqual([await takeUpOwed(ctx, 2), await owed()], [1, ids.slice(0, 2)]);
  assert.equal(await outcomeOf(town, ids[2]!), 'opened');
  for (const mend of mends.slice(0, 2)) await mend();
  assert.deepEqual([await takeUpOwed(ctx, 2), await owed()], [2, []]);
});

test('given readers who come at the same time, when some have no right and some want the same letter, then each is answered for itself, and each opening is recorded once', async () => {
  const ids = await Promise.all(Array.from({ length: 6 }, () => send(town, letter([citizen]))));
  const [first, ...others] = ids as [CorrespondenceId, ...CorrespondenceId[]];
  const all = await Promise.allSettled([
    ...ids.map((id) => openMessage(ctx, reading, id)),
    openMessage(ctx, reading, first),
    openMessage(ctx, stranger, first),
    openMessage(ctx, reading, unknown),
  ]);

  assert.deepEqual(
    all.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as Refusal).row.code)),
    [...ids.map(() => 'Du har fått et vedtak.'), 'Du har fått et vedtak.', 4001, 1001],
  );
  const openings = async (id: CorrespondenceId) => (await evidenceOf(town, id)).filter((line) => line.endsWith(' opened')).length;
  assert.equal(await openings(first), 2);
  assert.deepEqual(await historyOf(town, first), ['ReadyForPublish', 'Published', 'Fetched', 'Read']);
  for (const id of others) assert.deepEqual([await openings(id), await outcomeOf(town, id)], [1, 'opened']);
});

for (const held of ['message', 'watch'] as const)
  test(`given a letter of which somebody else holds the ${held}, when it and others are opened at once, then the others wait for nobody, and it is opened when it is free`, async () => {
    const ids = [await send(town, letter([citizen])), await send(town, letter([citizen])), await send(town, letter([citizen]))];
    const opened: string[] = [];
    const openings: Promise<unknown>[] = [];
    await ctx.db.transaction(async (tx) => {
      if (held === 'message') await tx.all(sql`select from correspondence.message where id = ${ids[0]!} for update`);
      else await tx.all(sql`select from watch.item where about = ${ids[0]!} for update`);
      openings.push(...ids.map(async (id) => openMessage(ctx, reading, id).then(() => opened.push(id))));
      await Promise.all(openings.slice(1));
      assert.deepEqual(opened.toSorted(), ids.slice(1).toSorted());
    });
    await Promise.all(openings);
    assert.equal(opened.at(-1), ids[0]);
    assert.equal(await outcomeOf(town, ids[0]!), 'opened');
  });

test('given a watch that somebody else holds, when its letter and another are confirmed at once, then the other waits for nobody', async () => {
  const ids = [await send(town, letter([citizen])), await send(town, letter([citizen]))];
  await Promise.all(ids.map((id) => openMessage(ctx, reading, id)));
  const confirmed: Promise<unknown>[] = [];
  await ctx.db.transaction(async (tx) => {
    await tx.all(sql`select from watch.item where about = ${ids[0]!} for update`);
    confirmed.push(...ids.map((id) => confirmMessage(ctx, reading, id)));
    assert.equal(await confirmed[1], ids[1]);
  });
  assert.deepEqual(await Promise.all(confirmed), ids);
});

test('given confirmations at the same time, when one letter was never fetched, then the others are confirmed and it is refused', async () => {
  const ids = await Promise.all(Array.from({ length: 4 }, () => send(town, letter([citizen]))));
  const [unfetched, ...fetched] = ids as [CorrespondenceId, ...CorrespondenceId[]];
  await Promise.all(fetched.map((id) => openMessage(ctx, reading, id)));
  const confirmed = await Promise.allSettled([...ids, fetched[0]!].map((id) => confirmMessage(ctx, reading, id)));
  assert.deepEqual(
    confirmed.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as Refusal).row.code)),
    [1025, ...fetched, 1041],
  );
  assert.equal((await historyOf(town, unfetched)).at(-1), 'Published');
});

test('given readers who come at the same time, when the watch of one letter is broken, then each has its letter, each opening is recorded once, and that watch alone hears of it later', async () => {
  const ids = await Promise.all(Array.from({ length: 5 }, () => send(town, letter([citizen]))));
  const mend = await loseNeeds(ids[2]!);
  await Promise.all(ids.map((id) => openMessage(ctx, reading, id)));

  for (const id of ids) assert.equal((await evidenceOf(town, id)).filter((line) => line.endsWith(' opened')).length, 1);
  assert.deepEqual(
    (await world.db.all<{ about: string }>(actRule.find)).map(({ about }) => about),
    [ids[2]],
  );
  await mend();
  assert.equal(await takeUpOwed(ctx), 1);
  for (const id of ids) assert.equal(await outcomeOf(town, id), 'opened');
});

test('given readers who come at the same time, when the connection is cut at the commit of their openings and of their confirmations, then each was opened and confirmed once, and is told so', async () => {
  const cut = await createCutDatabase(world.db.pool.options.connectionString!, { patienceMillis: 2_000 });
  const through = { ...ctx, db: cut.db };
  const ids = await Promise.all(Array.from({ length: 4 }, () => send(town, letter([citizen]))));
  cut.cutAtNextCommit();
  await Promise.all(ids.map((id) => openMessage(through, reading, id)));
  assert.equal(cut.cuts(), 1);
  cut.cutAtNextCommit();
  assert.deepEqual(await Promise.all(ids.map((id) => confirmMessage(through, reading, id))), ids);
  assert.equal(cut.cuts(), 2);

  for (const id of ids) {
    const recorded = (await evidenceOf(town, id)).filter((line) => /opened|confirmed/.test(line));
    assert.deepEqual(recorded, ['ContentAccessTracking opened', 'ConsignmentAcceptance confirmed']);
  }
  await cut.db.close();
});
