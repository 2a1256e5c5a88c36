import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listEvidence } from '#evidence/index.ts';
import { sql } from '#kernel/database.ts';
import { type FileTransferId, newId } from '#kernel/ids.ts';
import { allRecorded } from '../../../test/all-recorded.ts';
import { organizationCaller } from '../../../test/world.ts';
import { lookAfterKept } from '../../broker/expire/look-after-kept.ts';
import { purgeTransfers } from '../../broker/expire/purge-transfers.ts';
import { brokerInvariants } from '../../broker/invariants.ts';
import { settleScan } from '../../broker/send/settle-scan.ts';
import { watchInvariants } from '../../watch/invariants.ts';
import type { Board } from '../board/wire.ts';
import { createTown, letter, send } from '../testing/town.ts';
import type { DecisionAnswers } from './wire.ts';

/** Files that were really sent: fetched by some, confirmed by some, over by some; and what their sender sees and decides of each. */
const town = await createTown();
const { world, ctx, agency, municipality, orphan } = town;
const bystander = await world.organization('BAMBLE KOMMUNE');
town.callers.bystander = organizationCaller(bystander, ['altinn:broker.read']);
town.callers.letters = town.sender;
const said = { name: 'Kari Berg', reason: 'Avtalt på telefon' };
const day = 86_400;

const many = (items: readonly object[], wish: object, by = 'files') =>
  town.json<DecisionAnswers>('POST /unread/decisions', by, { ...said, ...wish, items });
async function one(id: string, wish: object, to = municipality): Promise<string> {
  const { answers } = await many([{ id, recipient: to.number }], wish);
  return answers[0]!.error?.code ?? `${answers[0]!.outcome}${answers[0]!.resentAs ? ' anew' : ''}`;
}
const fetchIt = (id: string, by = 'fetcher') => town.raw(`GET /broker/api/v1/filetransfer/${id}/download`, by);
async function fetched(id: string, by = 'fetcher'): Promise<void> {
  assert.equal(await (await fetchIt(id, by)).text(), 'bytene');
  await allRecorded();
}
async function confirmed(id: string, by = 'fetcher'): Promise<void> {
  await fetched(id, by);
  assert.equal((await town.raw(`POST /broker/api/v1/filetransfer/${id}/confirmdownload`, by)).status, 204);
}
const bytesOf = async (id: string) =>
  (
    await world.db.one<{ state: string }>(
      sql`select b.state from blobs.blob b join broker.file_transfer t on t.blob_key = b.key where t.id = ${id}`,
    )
  ).state;
const stateOf = async (id: string) =>
  (await world.db.one<{ state: string }>(sql`select state from broker.file_transfer where id = ${id}`)).state;
const onBoard = async (id: string) =>
  (await town.json<Board>('GET /unread?kind=file&limit=500', 'files')).items.filter((item) => item.id === id);
async function passes(days: number): Promise<void> {
  await world.advance(days * day + 60);
  await purgeTransfers(ctx);
  await lookAfterKept(ctx);
}
async function invariantsHold(): Promise<void> {
  const lateness = /late|minute/;
  for (const { name, find } of [...brokerInvariants, ...watchInvariants].filter(({ name }) => !lateness.test(name)))
    assert.deepEqual(await world.db.all(find), [], name);
}

test('given files that were sent, fetched, confirmed, or are over, when their sender looks at the board, then each stands there with what can be decided now', async () => {
  const sent = await town.sendFile('files', agency, [municipality]);
  const taken = await town.sendFile('files', agency, [municipality]);
  const done = await town.sendFile('files', agency, [municipality]);
  await fetched(taken);
  await confirmed(done);
  const all = ['recall', 'resend', 'read-elsewhere', 'accept-as-unread'];
  const seen = async (id: string) => (await onBoard(id)).map(({ kind, decisions, bytesUntil }) => ({ kind, decisions, bytesUntil }));
  assert.deepEqual(await seen(sent), [{ kind: 'file', decisions: all, bytesUntil: null }]);
  assert.deepEqual(await seen(taken), [{ kind: 'file', decisions: all, bytesUntil: null }], 'fetched and not confirmed');
  assert.deepEqual(await seen(done), []);

  await passes(30);

  const bytesUntil = (await seen(sent))[0]!.bytesUntil!;
  const days = (new Date(bytesUntil).getTime() - ctx.now().getTime()) / 86_400_000;
  assert.ok(days > 89.9 && days <= 90, bytesUntil);
  assert.deepEqual(await seen(sent), [{ kind: 'file', decisions: all.slice(1), bytesUntil }]);
  assert.equal(await one(sent, { decision: 'recall' }), 'BUD-09963', 'what the board does not offer is refused');
  await passes(90);
  assert.deepEqual(await seen(sent), [{ kind: 'file', decisions: all.slice(2), bytesUntil: null }]);
  assert.equal(await one(sent, { decision: 'resend' }), 'BUD-09964');
  assert.deepEqual(
    await town.json<Board>('GET /unread?kind=file', 'letters').then(({ items }) => items),
    [],
    'who may not send files sees none',
  );
  await invariantsHold();
});

test('given a file that a recipient has by another way, when its sender says so, then its watch ends by that with the source as evidence, and kept bytes go', async () => {
  const id = await town.sendFile('files', agency, [municipality]);
  await passes(30);
  assert.equal(await one(id, { decision: 'read-elsewhere' }), 'BUD-09716');
  const wish = { decision: 'read-elsewhere', source: 'Minnepinne, kvittert' };

  assert.equal(await one(id, wish), 'read-elsewhere');

  const { event, who } = (await listEvidence(world.db, [id])).at(-1)!;
  assert.deepEqual([event, who.name, who.source], ['ReadElsewhere', said.name, wish.source]);
  assert.equal(await world.nothingWritten(() => one(id, wish)), 'read-elsewhere', 'the same again');
  assert.equal(await world.nothingWritten(() => one(id, { decision: 'accept-as-unread' })), 'BUD-09405');
  await lookAfterKept(ctx);
  assert.equal(await bytesOf(id), 'released');
});

test('given a file that two have not confirmed and one has, when it is taken back among many, then it is taken from both at once, and the same again changes nothing', async () => {
  const id = await town.sendFile('files', agency, [municipality, orphan, bystander]);
  await confirmed(id, 'bystander');
  const items = [municipality, orphan, bystander].map(({ number }) => ({ id, recipient: number }));

  const { decided, answers } = await many(items, { decision: 'recall' });

  assert.deepEqual([decided, answers.map(({ outcome, error }) => error?.code ?? outcome)], [2, ['recalled', 'recalled', 'BUD-09404']]);
  assert.deepEqual([await stateOf(id), await bytesOf(id)], ['Cancelled', 'released']);
  assert.deepEqual(await world.nothingWritten(() => many(items, { decision: 'recall' })), { decided, answers });
});

test('given a file that nobody has fetched, when it is sent anew to another, then the old one is taken back, the same bytes are there for the other, and each names the other', async () => {
  const old = await town.sendFile('files', agency, [orphan]);
  const wish = { decision: 'resend', to: municipality.number };

  const { answers } = await many([{ id: old, recipient: orphan.number }], wish);

  const fresh = answers[0]!.resentAs!;
  assert.deepEqual(
    [answers[0]!.outcome, await stateOf(old), await stateOf(fresh), await bytesOf(old)],
    ['recalled', 'Cancelled', 'Published', 'bound'],
  );
  const links = async (id: string) =>
    (await listEvidence(world.db, [id])).filter(({ event }) => event === 'Resent').map(({ core }) => [core.resentAs, core.resentFrom]);
  assert.deepEqual([await links(old), await links(fresh)], [[[fresh, undefined]], [[undefined, old]]]);
  assert.deepEqual(
    (await onBoard(fresh)).map(({ recipient }) => recipient.number),
    [municipality.number],
  );
  assert.deepEqual(await world.nothingWritten(() => many([{ id: old, recipient: orphan.number }], wish)), { decided: 1, answers });
  assert.equal(await one(old, { ...wish, reason: 'en annen' }, orphan), 'BUD-09405');
  for (const to of [bystander.number, null]) assert.equal(await one(old, { ...wish, to }, orphan), 'BUD-09405', 'it went to another');
  await confirmed(fresh);
  await passes(1);
  assert.equal(await bytesOf(fresh), 'released', 'with the last that has them');
  await invariantsHold();
});

test('given a file whose time is over, or that others may still fetch, when it is sent anew to the same, then the bytes stay as long as any of the two has them', async () => {
  const old = await town.sendFile('files', agency, [municipality, bystander]);
  assert.equal(await one(old, { decision: 'resend' }), 'accepted-unread anew', 'the bystander may still fetch the old one');
  await confirmed(old, 'bystander');
  const over = await town.sendFile('files', agency, [municipality]);
  await passes(30);
  assert.equal(await stateOf(over), 'Purged');

  const { answers } = await many([{ id: over, recipient: municipality.number }], { decision: 'resend' });

  const fresh = answers[0]!.resentAs!;
  assert.deepEqual([answers[0]!.outcome, answers[0]!.error], ['accepted-unread', null]);
  await passes(1);
  assert.equal(await bytesOf(over), 'bound', 'the old one needs them no more, the new one does');
  await confirmed(fresh);
  await invariantsHold();
});

test('given kept bytes, and others that were sent anew, when malware is found in them after all, then they are gone, everybody hears of it, and nothing is sent anew', async () => {
  const scanner = 'defender';
  const result = { malware: 'Eicar' };
  const verdictOn = async (id: string) =>
    world.db.transaction(async (tx) => settleScan(ctx, tx, { id: id as FileTransferId, result, scanner }));
  const told = async (id: string) =>
    (
      await world.db.all(
        sql`select type from events.outbox where resource_instance = ${id} and type = 'no.budstikke.broker.malware-found' order by id`,
      )
    ).length;
  const [kept, anew] = [await town.sendFile('files', agency, [municipality]), await town.sendFile('files', agency, [municipality])];
  await world.advance(30 * day + 60);
  await purgeTransfers(ctx);
  const { answers } = await many([{ id: anew, recipient: municipality.number }], { decision: 'resend' });
  const copy = answers[0]!.resentAs!;

  await verdictOn(kept);
  await verdictOn(copy);

  assert.equal(await one(kept, { decision: 'resend' }), 'BUD-09964');
  for (const id of [kept, anew, copy]) {
    assert.deepEqual([await bytesOf(id), await told(id)], ['released', 2]);
    const found = (await listEvidence(world.db, [id])).filter(({ core }) => core.result === 'malware');
    assert.deepEqual(
      found.map(({ event, core }) => [event, core.scanner]),
      [['Scanned', scanner]],
    );
  }
  assert.deepEqual([await stateOf(kept), await stateOf(anew), await stateOf(copy)], ['Purged', 'Purged', 'Failed']);
  assert.deepEqual(
    await world.db.all(sql`select failure, settled_at as settled, next_action as next from watch.item where about = ${kept}`),
    [{ failure: 'malware', settled: null, next: 'tell-failure' }],
  );
  await world.nothingWritten(() => verdictOn(kept));
  await lookAfterKept(ctx);
  await invariantsHold();
});

test('given a file that was sent anew, or that one recipient has by another way, when something else is decided in the same words, then it is refused as decided otherwise', async () => {
  const fresh = async () => town.sendFile('files', agency, [municipality, bystander]);
  const [anew, elsewhere] = [await fresh(), await fresh()];
  assert.equal(await one(anew, { decision: 'resend' }), 'accepted-unread anew');
  assert.equal(await one(elsewhere, { decision: 'read-elsewhere', source: 'Minnepinne' }), 'read-elsewhere');
  await world.nothingWritten(async () => {
    for (const decision of ['recall', 'accept-as-unread'])
      for (const id of [anew, elsewhere]) assert.equal(await one(id, { decision }), 'BUD-09405', `${decision} ${id === anew}`);
    assert.equal(await one(elsewhere, { decision: 'resend' }), 'BUD-09405');
  });

  const items = [municipality, bystander].map(({ number }) => ({ id: elsewhere, recipient: number }));
  const { decided, answers } = await many(items, { decision: 'recall' });

  assert.deepEqual([decided, answers.map(({ outcome, error }) => error?.code ?? outcome)], [1, ['BUD-09405', 'recalled']]);
  assert.equal(await one(elsewhere, { decision: 'recall' }), 'BUD-09405', 'its word stands');
  const alone = await town.sendFile('files', agency, [municipality]);
  assert.equal(await one(alone, { decision: 'resend' }), 'recalled anew');
  assert.equal(await one(alone, { decision: 'recall' }), 'BUD-09405');
});

test('given that the recipient confirms while the file is sent anew, when both are done, then one came first, and bytes are there for what is open', async () => {
  for (let round = 0; round < 4; round++) {
    const id = await town.sendFile('files', agency, [municipality]);
    await fetched(id);
    const [answer, decided] = await Promise.all([
      town.raw(`POST /broker/api/v1/filetransfer/${id}/confirmdownload`, 'fetcher'),
      one(id, { decision: 'resend' }),
    ]);
    if (answer.status === 204) assert.equal(decided, 'BUD-09404');
    else assert.equal(decided, 'recalled anew');
  }
  await invariantsHold();
});

test('given decisions about files that cannot be, when they are taken, then each is refused and nothing is written', async () => {
  const id = await town.sendFile('files', agency, [municipality]);
  const refused = async (wish: object, code: string, to = municipality, of = id) =>
    assert.equal(await world.nothingWritten(() => one(of, wish, to)), code, JSON.stringify(wish));
  await refused({ decision: 'resend', to: '310000000' }, 'BUD-09717');
  await refused({ decision: 'resend', to: town.citizen.number }, 'BUD-09717');
  for (const decision of ['recall', 'resend', 'accept-as-unread']) {
    await refused({ decision }, 'BUD-09960', orphan);
    await refused({ decision }, decision === 'recall' ? 'BUD-09961' : 'BUD-09960', municipality, newId());
  }
});

test('given tokens that may send letters, files, or both, when one decision is taken about a letter and a file, then each token decides about what it may send, and about nothing else', async () => {
  const { agency: owner, citizen } = town;
  const wishes = [
    { decision: 'recall' },
    { decision: 'resend' },
    { decision: 'accept-as-unread' },
    { decision: 'read-elsewhere', source: 'telefon' },
  ];
  const [letters, files, service] = ['altinn:correspondence.write', 'altinn:broker.write', 'altinn:serviceowner'] as const;
  const tokens = [
    { issuer: 'altinn', has: [files], may: ['file'] },
    { issuer: 'altinn', has: [letters], may: ['letter'] },
    { issuer: 'altinn', has: [letters, files], may: ['letter', 'file'] },
    { issuer: 'maskinporten', has: [files], may: ['file'] },
    { issuer: 'maskinporten', has: [letters, files], may: ['file'] },
    { issuer: 'maskinporten', has: [letters, files, service], may: ['letter', 'file'] },
  ] as const;
  for (const [n, { issuer, has, may }] of tokens.entries()) {
    town.callers[`token${n}`] = { ...organizationCaller(owner, has), issuer };
    for (const wish of wishes) {
      const letterItem = { id: await send(town, letter([citizen])) };
      const fileItem = { id: await town.sendFile('files', agency, [municipality]), recipient: municipality.number };
      for (const [kind, item, code] of [
        ['letter', letterItem, 'BUD-09725'],
        ['file', fileItem, 'BUD-09720'],
      ] as const) {
        if ((may as readonly string[]).includes(kind)) continue;
        const alone = () => town.call('POST /unread/decisions', `token${n}`, { ...said, ...wish, items: [item] });
        const answer = await (wish === wishes[0] ? world.nothingWritten(alone) : alone());
        assert.deepEqual([answer.status, ((await answer.json()) as { code: string }).code], [403, 'BUD-09726'], `${kind} alone`);
        const among = await many(
          [item, { id: newId(), ...(kind === 'file' ? {} : { recipient: municipality.number }) }],
          wish,
          `token${n}`,
        );
        assert.deepEqual([among.decided, among.answers[0]!.error?.code], [0, code], `${kind} among others`);
      }
      const { answers } = await many([letterItem, fileItem], wish, `token${n}`);
      assert.deepEqual(
        answers.map(({ error }) => error?.code ?? 'decided'),
        [may.includes('letter' as never) ? 'decided' : 'BUD-09725', may.includes('file' as never) ? 'decided' : 'BUD-09720'],
        `${issuer} ${has.join(' ')} ${wish.decision}`,
      );
    }
  }
});
