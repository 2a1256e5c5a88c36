import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listEvidence } from '#evidence/index.ts';
import { sql } from '#kernel/database.ts';
import { type CorrespondenceId, newId } from '#kernel/ids.ts';
import type { Refusal } from '#kernel/refusal.ts';
import { takeUpOwed } from '#watch/index.ts';
import { organizationCaller, scopes } from '../../../test/world.ts';
import { publishDue } from '../../correspondence/send/publish-due.ts';
import { evidenceOf, scan, sendAll, stateOf } from '../../correspondence/testing/town.ts';
import { deskInvariants } from '../../desk/invariants.ts';
import { showWatch } from '../../desk/show-watch.ts';
import { watchInvariants } from '../../watch/invariants.ts';
import { breakings } from '../../watch/testing/breakings.ts';
import type { Board } from '../board/wire.ts';
import { createTown, enduser, letter, send } from '../testing/town.ts';
import type { DecidedView, Decision, DecisionAnswers } from './wire.ts';

const town = await createTown();
const { world, citizen, municipality, leader, orphan, reading } = town;
const said = { name: 'Kari Berg', reason: 'Ring fra mottaker' };

const decide = (id: string, body: Decision, by = 'sender') => town.call(`POST /correspondence/${id}/decision`, by, body);
const decided = (id: string, body: Decision) => town.json<DecidedView>(`POST /correspondence/${id}/decision`, 'sender', body);
const many = (items: readonly object[], wish: object, by = 'sender') =>
  town.json<DecisionAnswers>('POST /unread/decisions', by, { ...said, ...wish, items });
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code?: string }).code];
async function invariantsHold(): Promise<void> {
  for (const { name, find } of [...deskInvariants, ...watchInvariants]) assert.deepEqual(await world.db.all(find), [], name);
}

test('given a letter that was read elsewhere, when its sender says so, then the watch ends by that, with the source as evidence', async () => {
  const id = await send(town, letter([citizen]));

  const body: Decision = { decision: 'read-elsewhere', ...said, source: 'Fagsystemet, sak 12/3' };
  const watch = await decided(id, body);

  assert.deepEqual([watch.outcome, watch.decision!.decision, watch.nextAction], ['read-elsewhere', 'read-elsewhere', null]);
  const { event, proves, who } = (await listEvidence(world.db, [id])).at(-1)!;
  assert.deepEqual([event, proves, who.name, who.source], ['ReadElsewhere', 'reported-opened', said.name, body.source]);
  assert.equal((await world.nothingWritten(() => decide(id, body))).status, 200, 'the same again');
  assert.deepEqual(await codeOf(await world.nothingWritten(() => decide(id, { ...body, decision: 'accept-as-unread' }))), [
    409,
    'BUD-09405',
  ]);
  const elsewhere = await world.nothingWritten(() => decide(id, { ...body, source: 'BREV' }));
  assert.deepEqual(await codeOf(elsewhere), [409, 'BUD-09405'], 'the evidence names one source');
  assert.equal(await stateOf(town, id), 'Published');
  await invariantsHold();
});

test('given decisions that cannot be, when they are taken, then each is refused and nothing is written', async () => {
  const id = await send(town, letter([citizen]));
  const later = await send(town, letter([citizen], { requestedPublishTime: new Date(world.ctx.now().getTime() + 864e6).toISOString() }));
  const refused = async (of: string, body: object, status: number, code?: string, by = 'sender') =>
    assert.deepEqual(
      await codeOf(await world.nothingWritten(() => decide(of, body as Decision, by))),
      [status, code],
      JSON.stringify(body),
    );
  await refused(id, { decision: 'read-elsewhere', ...said }, 400, 'BUD-09716');
  await refused(later, { decision: 'read-elsewhere', ...said, source: 'telefon' }, 409, 'BUD-09406');
  await refused(id, { decision: 'resend', ...said, to: '310000000' }, 404, 'BUD-09717');
  await refused(id, { decision: 'resend', ...said, to: town.reserved.number }, 409, 'BUD-09718');
  for (const by of ['other']) await refused(id, { decision: 'resend', ...said }, 404, 'BUD-09501', by);
  await refused(newId(), { decision: 'resend', ...said }, 404, 'BUD-09501');
  const opened = await send(town, letter([citizen]));
  await town.open(opened, reading);
  await refused(opened, { decision: 'resend', ...said }, 409, 'BUD-09404');
  const sealedTo = await send(town, letter([municipality], { resourceId: 'taushetsbelagt', isConfidential: true }));
  await refused(sealedTo, { decision: 'resend', ...said, to: orphan.number }, 409, 'BUD-09718');
});

test('given a letter with a file that lies with nobody, when it is sent anew to another, then the new one is watched, the old one is taken back, and each names the other', async () => {
  const file = await world.file('vedtak.pdf', 'et vedtak');
  const { correspondences, attachmentIds } = await sendAll(
    town,
    letter([orphan], {
      content: {
        attachments: [{ fileName: 'vedtak.pdf', sendersReference: '1' }],
        translations: [{ language: 'en', messageTitle: 'Decision', messageSummary: 'In short', messageBody: 'You have it.' }],
      },
      isConfirmationNeeded: true,
      dueDateTime: new Date(world.ctx.now().getTime() + 864e6).toISOString(),
    }),
    [file],
  );
  const old = correspondences[0]!.correspondenceId as CorrespondenceId;
  await scan(town, attachmentIds);
  await town.days(20);

  const view = await decided(old, { decision: 'resend', ...said, to: municipality.number! });

  const fresh = view.resentAs as CorrespondenceId;
  assert.deepEqual([view.outcome, view.resentFrom, await stateOf(town, old)], ['recalled', null, 'PurgedByAltinn']);
  const watch = await town.watch(fresh);
  assert.deepEqual([watch.state, watch.outcome, watch.confirmNeeded], ['published', null, true]);
  assert.ok(new Date(watch.dueAt!) > world.ctx.now(), 'what was due is due again');
  assert.equal(await town.open(fresh, enduser(leader)), 'Du har fått et vedtak.');
  const [kept] = await world.db.all<{ n: number; said: string; languages: string[] }>(sql`
    select count(distinct s.content_sha256)::int as n, max(s.translations) as said, max(s.translated_to) as languages
      from correspondence.submission s join correspondence.message m on m.submission_id = s.id where m.id in (${old}, ${fresh})`);
  assert.deepEqual(
    [kept!.n, JSON.parse(kept!.said), kept!.languages],
    [1, [{ language: 'en', title: 'Decision', summary: 'In short', body: 'You have it.' }], ['en']],
    'it says the same, in each of its languages',
  );
  const [blob] = await world.db.all<{ state: string }>(sql`select state from correspondence.attachment where id = ${attachmentIds[0]}`);
  assert.equal(blob!.state, 'Published', 'the file goes with the new one');
  const links = async (id: string) =>
    (await listEvidence(world.db, [id])).filter(({ event }) => event === 'Resent').map(({ core }) => [core.resentAs, core.resentFrom]);
  assert.deepEqual([await links(old), await links(fresh)], [[[fresh, undefined]], [[undefined, old]]]);
  assert.equal((await evidenceOf(town, old)).filter((row) => row.startsWith('Recalled')).length, 1);

  const again = await world.nothingWritten(() => decided(old, { decision: 'resend', ...said, to: municipality.number! }));
  assert.equal(again.resentAs, fresh);
  for (const to of [leader.number!, null]) {
    const other = await world.nothingWritten(() => decide(old, { decision: 'resend', ...said, to }));
    assert.deepEqual(await codeOf(other), [409, 'BUD-09405'], 'it went to another');
  }
  const taken = await send(town, letter([citizen]));
  await decided(taken, { decision: 'recall', ...said });
  await world.nothingWritten(async () => {
    for (const words of [said, { name: 'En annen', reason: 'x' }])
      for (const decision of ['recall', 'accept-as-unread'] as const)
        assert.deepEqual(await codeOf(await decide(old, { decision, ...words })), [409, 'BUD-09405'], decision);
    assert.deepEqual(await codeOf(await decide(taken, { decision: 'resend', ...said })), [409, 'BUD-09405']);
  });
  await invariantsHold();
});

test('given letters that failed, when their sender looks at the board, then one whose attachment can never go is not offered to be sent anew, and one whose recipient said no is, to another', async () => {
  const virus = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');
  const attachments = [{ fileName: 'ond.txt', sendersReference: '1' }];
  const infected = await sendAll(town, letter([citizen], { content: { attachments } }), [await world.file('ond.txt', virus)]);
  const stopped = infected.correspondences[0]!.correspondenceId;
  await scan(town, infected.attachmentIds);
  const cautious = await world.person('TONE TAKKER-NEI', {});
  const refusing = await send(
    town,
    letter([cautious], { requestedPublishTime: new Date(world.ctx.now().getTime() + 20_000).toISOString() }),
  );
  await world.reserve(cautious);
  await world.advance(30);
  await publishDue(world.ctx);
  assert.deepEqual([(await town.watch(stopped)).failure?.reason, (await town.watch(refusing)).failure?.reason], ['malware', 'reserved']);

  const { items } = await town.json<Board>('GET /unread?sort=newest', 'sender');

  const offered = (id: string) => items.find((item) => item.id === id)!.decisions;
  assert.deepEqual(offered(stopped), ['recall', 'read-elsewhere', 'accept-as-unread']);
  assert.deepEqual(offered(refusing), ['recall', 'resend', 'read-elsewhere', 'accept-as-unread']);
  const refused = await world.nothingWritten(() => decide(stopped, { decision: 'resend', ...said }));
  assert.deepEqual(await codeOf(refused), [400, 'CORR-01018'], 'the same rule');
  assert.ok((await decided(refusing, { decision: 'resend', ...said, to: municipality.number! })).resentAs);
  await decided(stopped, { decision: 'read-elsewhere', ...said, source: 'E-post til mottakeren' });
  await invariantsHold();
});

test('given a letter that its recipient opens while its sender sends it anew, when both are done, then one of the two came first and there is one letter to read', async () => {
  for (let round = 0; round < 4; round++) {
    const id = await send(town, letter([citizen]));
    const [opened, resent] = await Promise.allSettled([town.open(id, reading), decide(id, { decision: 'resend', ...said })]);
    const status = (resent as PromiseFulfilledResult<Response>).value.status;
    assert.deepEqual([opened.status, status], opened.status === 'fulfilled' ? ['fulfilled', 409] : ['rejected', 200]);
    const [row] = await world.db.all<{ n: number }>(sql`select count(*)::int as n from unread.resending where old_id = ${id}`);
    assert.equal(row!.n, opened.status === 'fulfilled' ? 0 : 1);
  }
  await invariantsHold();
});

test('given many pieces of post, when one decision is taken about all, then each is answered by itself, and the same again decides nothing more', async () => {
  const [first, second, opened] = [
    await send(town, letter([citizen])),
    await send(town, letter([municipality])),
    await send(town, letter([citizen])),
  ];
  await town.open(opened, reading);
  const items = [{ id: first }, { id: opened }, { id: newId() }, { id: second }, { id: newId(), recipient: municipality.number }];

  const { decided: count, answers } = await many(items, { decision: 'accept-as-unread' });

  assert.equal(count, 2);
  assert.deepEqual(
    answers.map(({ outcome, error }) => error?.code ?? outcome),
    ['accepted-unread', 'BUD-09404', 'BUD-09501', 'accepted-unread', 'BUD-09720'],
  );
  assert.deepEqual(await world.nothingWritten(() => many(items, { decision: 'accept-as-unread' })), { decided: count, answers });
  for (const by of ['other', 'citizen']) {
    const answer = await world.nothingWritten(() => town.call('POST /unread/decisions', by, { ...said, decision: 'recall', items }));
    if (by === 'citizen') assert.equal(answer.status, 403);
    else assert.equal(((await answer.json()) as DecisionAnswers).decided, 0);
  }
  for (const wrong of [[], Array.from({ length: 501 }, () => ({ id: newId() }))])
    assert.equal((await town.call('POST /unread/decisions', 'sender', { ...said, decision: 'recall', items: wrong })).status, 400);
  await invariantsHold();
});

test('given a letter that is to be published later, when it is sent anew, then the new one keeps that time while it lies ahead, and goes at once when it is over', async () => {
  const at = new Date(Math.floor(world.ctx.now().getTime() / 1000) * 1000 + 40 * 864e5);
  const old = await send(town, letter([citizen], { requestedPublishTime: at.toISOString() }));

  const first = await decided(old, { decision: 'resend', ...said, to: municipality.number! });

  const waits = await town.watch(first.resentAs!);
  assert.deepEqual([first.outcome, waits.state, waits.publishedAt], ['recalled', 'begun', null]);
  const requested = await world.db.one<{ at: Date }>(sql`
    select s.requested_publish_at as at from correspondence.submission s join correspondence.message m on m.submission_id = s.id
     where m.id = ${first.resentAs}`);
  assert.deepEqual(requested.at, at);
  await world.advance(41 * 86_400);
  const second = await decided(first.resentAs!, { decision: 'resend', ...said });
  assert.equal((await town.watch(second.resentAs!)).state, 'published');
});

test('given a letter and a file that have lost their watch, when their sender decides, looks, or decides about many, then it is told so in words, nothing is decided, and it rings until the watch is there again', async () => {
  const { lose } = breakings(world.db);
  const leftOut = watchInvariants.find(({ name }) => name === 'no watch is left out since it cannot be worked on')!;
  const ringing = async () =>
    (await world.db.all<{ about: string; error: string }>(leftOut.find)).map(({ about, error }) => `${error} ${about}`);
  town.callers.both = organizationCaller(town.agency, [...scopes.sender, 'altinn:broker.write']);
  const id = await send(town, letter([citizen]));
  const file = await town.sendFile('files', town.agency, [municipality]);
  const to = municipality.number!;
  const mends = [await lose(id), await lose(file)];
  const lines: object[] = [];
  Object.assign(town.ctx.log, { error: (facts: object) => void lines.push(facts) });

  const fileWatch = `GET /filetransfer/${file}/recipients/${to}/watch`;
  assert.deepEqual(await codeOf(await town.call(fileWatch, 'both')), [503, 'BUD-09407']);
  await assert.rejects(showWatch(world.ctx, town.callers.both, id), (error: Refusal) => error.row.code === 9407);
  assert.deepEqual((await ringing()).sort(), [`missing ${id}`, `missing ${file}`].sort(), 'a look rings too');
  await world.db.pool.query('delete from watch.left_out');

  const before = await evidenceOf(town, id);
  for (const body of [
    { decision: 'recall', ...said },
    { decision: 'resend', ...said },
    { decision: 'read-elsewhere', ...said, source: 'telefon' },
    { decision: 'accept-as-unread', ...said },
  ] as Decision[]) {
    assert.deepEqual(await codeOf(await decide(id, body)), [503, 'BUD-09407'], body.decision);
    const { answers } = await many([{ id: file, recipient: to }], body, 'both');
    assert.deepEqual(
      answers.map(({ error }) => error?.code),
      ['BUD-09407'],
      body.decision,
    );
  }
  assert.deepEqual([await stateOf(town, id), await evidenceOf(town, id)], ['Published', before]);
  assert.deepEqual((await ringing()).sort(), [`missing ${id}`, `missing ${file}`].sort());
  assert.ok(lines.some((line) => (line as { about: string }).about === id));
  await world.advance(3 * 86_400);
  await takeUpOwed(world.ctx);
  assert.equal((await ringing()).length, 2, 'it is not forgotten');

  for (const mend of mends) await mend();
  assert.deepEqual(await ringing(), []);
  assert.equal((await decide(id, { decision: 'recall', ...said })).status, 200);
  assert.equal((await many([{ id: file, recipient: to }], { decision: 'recall' }, 'both')).decided, 1);
});
