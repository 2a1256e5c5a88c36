import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { silentLog } from '#kernel/log.ts';
import { Refusal } from '#kernel/refusal.ts';
import type { HandOver, Mail } from '#notifications/index.ts';
import { organizationCaller, personCaller } from '../../../test/world.ts';
import { initializeAttachment } from '../attachments/initialize-attachment.ts';
import { uploadAttachment } from '../attachments/upload-attachment.ts';
import { getDetails } from '../read/look-at-message.ts';
import { openMessage } from '../read/open-message.ts';
import { purgeMessage } from '../read/purge-message.ts';
import { findNextForwarding } from '../store/forwarding.ts';
import { createTown, evidenceOf, historyOf, letter, outcomeOf, rows, scan, sendAll } from '../testing/town.ts';
import { assertAllProvoked, assertRefused, openWire } from '../testing/wire.ts';
import type { ForwardContext } from './context.ts';
import { forwardMessage } from './forward-message.ts';
import { openFileLink } from './open-file-link.ts';
import { forwardRoutes } from './routes.ts';
import { nextTry, sendForwards } from './send-forwards.ts';

const town = await createTown();
const { world, agency, citizen, municipality, leading, reading, sender } = town;
const stranger = personCaller(await world.person('EN FREMMED'));
const unknownParty: Caller = { ...reading, subject: null, party: null };
const inbox = organizationCaller(agency, ['altinn:correspondence.forward.check']);

/** A mail server that answers what it is told to, and remembers what it was given. */
const mails: Mail[] = [];
const answers: (HandOver | Error)[] = [];
const complaints: Readonly<Record<string, unknown>>[] = [];
const ctx: ForwardContext = {
  ...world.ctx,
  mailFrom: 'Post <post@etaten.example>',
  publicUrl: 'https://post.example',
  log: { ...silentLog, error: (facts) => void complaints.push(facts as Readonly<Record<string, unknown>>) },
  mail: {
    async send(mail) {
      mails.push(mail);
      const answer = answers.shift() ?? { kind: 'handed-over', answer: '250 OK' };
      if (answer instanceof Error) throw answer;
      return answer;
    },
  },
};

const wire = await openWire(town, { reading, leading, sender, stranger, inbox, unknownParty });

/** A letter that may be sent on, with a file, which its recipient has read. */
async function readLetter(
  more: { allowForwarding?: boolean; fileName?: string; expirationInDays?: number } = {},
): Promise<CorrespondenceId> {
  const { allowForwarding = true, fileName = 'vedtak.pdf', expirationInDays = null } = more;
  const content = {
    messageTitle: 'Vedtak',
    messageBody: 'Du har fått et **vedtak**.',
    attachments: [{ fileName, sendersReference: 'a', expirationInDays }],
  };
  const sent = await sendAll(town, letter([citizen], { allowForwarding, content }), [await world.file(fileName, 'vedtaket')]);
  await scan(town, sent.attachmentIds);
  const id = sent.correspondences[0]!.correspondenceId as CorrespondenceId;
  await openMessage(ctx, reading, id);
  return id;
}

const forward = (id: CorrespondenceId, forwardTo = 'ola@kontoret.example', forwardingText: string | null = null) =>
  forwardMessage(ctx, reading, id, { forwardTo, forwardingText });

/** Lets ten seconds go by, and what is due go out. Gives the mails of it. */
async function goOut(seconds = 11): Promise<Mail[]> {
  await world.advance(seconds);
  const before = mails.length;
  await sendForwards(ctx);
  return mails.slice(before);
}

const tokenOf = ({ body }: Mail) => /https:\/\/post\.example\/budstikke\/v1\/forwarded\/([\w-]{43})/.exec(body)![1]!;
const stateOf = async (id: string) =>
  (await rows<{ state: string; attempts: number }>(town, sql`select state, attempts from correspondence.forwarding where id = ${id}`))[0]!;

test('given a letter that was read, when its reader sends it on, then the mail has words, letter and a link, and it shows as Forwarded at the time it was asked', async () => {
  const id = await readLetter();
  const outcome = await outcomeOf(town, id);

  const answer = await wire.json('POST', `/correspondence/${id}/forward`, 'reading', {
    ForwardTo: '  Ola@Kontoret.example ',
    forwardingText: 'Til orientering',
  });
  const forwarding = (await answer.json()) as string;
  assert.equal(answer.status, 200);
  assert.match(forwarding, /^[0-9a-f-]{36}$/);
  assert.deepEqual(await goOut(5), [], 'not yet');
  assert.ok(!(await historyOf(town, id)).includes('Forwarded'));

  const [mail, ...others] = await goOut();
  assert.deepEqual(
    [mail!.to, mail!.from, mail!.subject, mail!.html, others],
    ['ola@kontoret.example', 'Post <post@etaten.example>', 'Vedtak', false, []],
  );
  assert.equal(mail!.messageId, `<${forwarding}@etaten.example>`);
  assert.match(
    mail!.body,
    /^Til orientering\n\n---\n\nDu har fått et vedtak\.\n\n---\n\nVedlegg\. Lenkene .*:\n\nvedtak\.pdf\nhttps:\/\/post\.example\/budstikke\/v1\/forwarded\/[\w-]{43}$/,
  );
  const { status, statusHistory } = await getDetails(ctx, reading, id);
  const row = statusHistory.find((one) => one.status === 'Forwarded')!;
  const [{ at }] = (await rows<{ at: Date }>(
    town,
    sql`select forwarded_at as at from correspondence.forwarding where id = ${forwarding}`,
  )) as [{ at: Date }];
  assert.deepEqual([status, row.statusText, row.statusChanged], ['Forwarded', 'Forwarded', at.toISOString()]);
  assert.deepEqual(
    (await evidenceOf(town, id)).filter((one) => /Forwarded|Relay/.test(one)),
    ['Forwarded nothing', 'RelayToNonERDS relayed'],
  );
  assert.equal(await outcomeOf(town, id), outcome, 'the watch is as it was');
  await world.nothingWritten(() => sendForwards(ctx));
});

test('given one address after another, when a letter is sent on, then each delivery is told, and to each address it goes once ever', async () => {
  const id = await readLetter();
  await forward(id, 'a@kontoret.example');
  await forward(id, 'b@kontoret.example');
  assert.equal((await goOut()).length, 2);
  assert.equal((await historyOf(town, id)).filter((status) => status === 'Forwarded').length, 2);

  for (const again of ['a@kontoret.example', ' A@KONTORET.example']) {
    await world.nothingWritten(() => assert.rejects(forward(id, again), (error) => error instanceof Refusal && error.row.code === 1064));
  }
  const race = await Promise.allSettled([forward(id, 'c@kontoret.example'), forward(id, 'C@kontoret.example')]);
  assert.deepEqual(race.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  assert.equal((await goOut()).length, 1);
});

test('given what may not be sent on, when it is asked, then each has its refusal and nothing is written', async () => {
  const id = await readLetter();
  const forbidden = await readLetter({ allowForwarding: false });
  const deleted = await readLetter();
  await purgeMessage(ctx, reading, deleted);
  const unread = (await sendAll(town, letter([citizen], { allowForwarding: true }))).correspondences[0]!.correspondenceId;
  await forward(id, 'for@engang.example');
  await goOut();
  const to = 'ola@kontoret.example';
  const long = `${'x'.repeat(1000)}@kontoret.example`;

  const provoked = new Set<number>();
  for (const [code, by, asked, body] of [
    [1001, 'reading', '0198f0a0-0000-7000-8000-00000000ffff', { forwardTo: to }],
    [1001, 'reading', deleted, { forwardTo: to }],
    [4001, 'stranger', id, { forwardTo: 'x' }],
    [4001, 'leading', id, { forwardTo: to }],
    [3011, 'reading', id, { forwardTo: 'ola' }],
    [3011, 'reading', id, { forwardTo: 'a@b.example;c@d.example' }],
    [3011, 'reading', id, { forwardTo: 'a@b.example\r\nBcc: c@d.example' }],
    [3011, 'reading', forbidden, { forwardTo: '' }],
    [3027, 'reading', forbidden, { forwardTo: long }],
    [1063, 'reading', forbidden, { forwardTo: to, forwardingText: '<b>'.repeat(100) }],
    [1066, 'reading', unread, { forwardTo: to, forwardingText: '#'.repeat(201) }],
    [1067, 'reading', unread, { forwardTo: to, forwardingText: '<b>hei</b>' }],
    [1065, 'reading', unread, { forwardTo: to, forwardingText: 'hei' }],
    [1064, 'unknownParty', id, { forwardTo: 'for@engang.example' }],
  ] as const) {
    const path = `/correspondence/${asked}/forward`;
    const expected = by === 'unknownParty' ? 4001 : code;
    await assertRefused(await world.nothingWritten(() => wire.json('POST', path, by, body)), expected);
    provoked.add(expected);
  }
  await assertRefused(
    await world.nothingWritten(() => wire.json('POST', `/correspondence/${id}/forward`, 'reading', { forwardTo: 'FOR@engang.example' })),
    1064,
  );
  const shapeless = await world.nothingWritten(() => wire.json('POST', `/correspondence/${id}/forward`, 'reading', {}));
  assert.deepEqual([shapeless.status, ((await shapeless.json()) as { code: string }).code], [400, 'STD-00000']);
  for (const [by, status] of [
    ['nobody', 401],
    ['sender', 403],
    ['inbox', 403],
  ] as const) {
    const answer = await world.nothingWritten(() => wire.json('POST', `/correspondence/${id}/forward`, by, { forwardTo: to }));
    assert.deepEqual([answer.status, await answer.text()], [status, '']);
  }
  // 4002 and 4006 need a caller with a right and without a party: none can be made by these tokens.
  assertAllProvoked(
    [{ ...forwardRoutes[0]!, refusals: forwardRoutes[0]!.refusals.filter(({ code }) => code !== 4002 && code !== 4006) }],
    [...provoked, 1064],
  );
});

test('given an inbox that asks whether a letter may be sent on, when it has the scope, then it learns that and nothing of what is not there', async () => {
  const [yes, no] = [await readLetter(), await readLetter({ allowForwarding: false })];
  const check = (id: string, by: string) => world.nothingWritten(() => wire.request('GET', `/correspondence/${id}/forward/check`, by));

  assert.deepEqual(await (await check(yes, 'inbox')).json(), { allowForwarding: true });
  assert.deepEqual(await (await check(no, 'inbox')).json(), { allowForwarding: false });
  await assertRefused(await check('0198f0a0-0000-7000-8000-00000000ffff', 'inbox'), 1001);
  await purgeMessage(ctx, reading, yes);
  await assertRefused(await check(yes, 'inbox'), 1001);
  for (const [by, status] of [
    ['nobody', 401],
    ['reading', 403],
    ['sender', 403],
  ] as const) {
    const answer = await check(no, by);
    assert.deepEqual([answer.status, await answer.text()], [status, '']);
  }
});

test('given an enclosure that the reader may not open, when the letter is sent on, then it is refused: its files go with it', async () => {
  await world.resource('vedlegg', agency, { type: 'GenericAccessResource', readers: ['package:eksplisitt'] });
  const enclosure = await initializeAttachment(ctx, sender, { resourceId: 'vedlegg', fileName: 'a.pdf', sendersReference: 'a' });
  await uploadAttachment(ctx, sender, { id: enclosure, stream: Readable.from([Buffer.from('hemmelig')]), contentLength: null });
  await scan(town, [enclosure]);
  const { correspondences } = await sendAll(town, letter([municipality], { allowForwarding: true }, { existingAttachments: [enclosure] }));
  const id = correspondences[0]!.correspondenceId as CorrespondenceId;
  await openMessage(ctx, leading, id);

  await world.nothingWritten(() =>
    assert.rejects(
      forwardMessage(ctx, leading, id, { forwardTo: 'a@b.example' }),
      (error) => error instanceof Refusal && error.row.code === 4001,
    ),
  );
});

test('given a link of a forwarded mail, when it is opened, then it gives the file a few times within some days, and never after the letter is deleted', async () => {
  const id = await readLetter({ fileName: 'blåbær.txt' });
  await forward(id);
  const token = tokenOf((await goOut())[0]!);
  const http = (path: string) => fetch(`${origin}/budstikke/v1/forwarded/${path}`);
  const origin = new URL((await wire.request('GET', `/correspondence/${id}`, 'nobody')).url).origin;

  const answer = await http(token);
  assert.deepEqual([answer.status, await answer.text()], [200, 'vedtaket']);
  assert.deepEqual(
    ['content-type', 'content-length', 'content-disposition', 'cache-control', 'referrer-policy'].map((name) => answer.headers.get(name)),
    ['text/plain; charset=utf-8', '8', "attachment; filename*=UTF-8''bl%C3%A5b%C3%A6r.txt", 'no-store', 'no-referrer'],
  );
  assert.equal((await evidenceOf(town, id)).at(-1), 'Forwarded nothing');
  assert.ok(!(await historyOf(town, id)).includes('AttachmentsDownloaded'), 'the recipient has downloaded nothing');
  const [{ stored }] = (await rows<{ stored: number }>(
    town,
    sql`select count(*)::int as stored from correspondence.file_link where encode(digest, 'escape') like ${`%${token}%`}`,
  )) as [{ stored: number }];
  assert.equal(stored, 0, 'only a digest is kept');

  for (const wrong of [`${token}x`, token.slice(1), token.toUpperCase(), 'x']) {
    const refused = await world.nothingWritten(() => http(wrong));
    assert.deepEqual([refused.status, ((await refused.json()) as { code: string }).code], [404, 'BUD-09710'], wrong);
  }
  const others = await Promise.all(Array.from({ length: 6 }, () => http(token)));
  await Promise.all(others.map((other) => other.arrayBuffer()));
  assert.deepEqual(others.map(({ status }) => status).sort(), [200, 200, 200, 200, 404, 404], 'five in all');

  const late = await readLetter();
  await forward(late);
  const lateToken = tokenOf((await goOut())[0]!);
  await world.advance(7 * 86_400 + 1);
  await world.nothingWritten(() => assert.rejects(openFileLink(ctx, lateToken), Refusal));
  await sendForwards(ctx);
  assert.deepEqual(await rows(town, sql`select 1 from correspondence.file_link`), [], 'old links are removed');

  const deleted = await readLetter();
  await forward(deleted);
  const deletedToken = tokenOf((await goOut())[0]!);
  await purgeMessage(ctx, reading, deleted);
  await world.nothingWritten(() => assert.rejects(openFileLink(ctx, deletedToken), Refusal));
});

test('given a mail server that is away, when it comes back, then the same mail goes out, and when it never does somebody hears of it', async () => {
  const id = await readLetter();
  const forwarding = await forward(id);
  answers.push({ kind: 'later', answer: '451 not yet' }, new Error('the network is down'));
  const [first] = await goOut();
  assert.deepEqual(await stateOf(forwarding), { state: 'due', attempts: 1 });
  assert.deepEqual(await goOut(30), []);
  await goOut(31);
  assert.ok((await findNextForwarding(world.db))! > ctx.now());
  const [third] = await goOut(3 * 60 + 1);
  assert.deepEqual(await stateOf(forwarding), { state: 'handed-over', attempts: 3 });
  assert.equal(third!.messageId, first!.messageId);

  const lost = await readLetter();
  const given = await forward(lost);
  for (let attempt = 1; attempt <= 12; attempt++) {
    answers.push({ kind: 'later', answer: '451 not yet' });
    await goOut(attempt === 1 ? 11 : (nextTry(attempt - 1, ctx.now())!.getTime() - ctx.now().getTime()) / 1000 + 1);
  }
  assert.deepEqual(await stateOf(given), { state: 'failed', attempts: 12 });
  assert.equal((await evidenceOf(town, lost)).at(-1), 'RelayToNonERDSFailure failed');
  assert.ok(!(await historyOf(town, lost)).includes('Forwarded'));
  assert.ok(complaints.some((fields) => fields.forwarding === given));
  assert.equal(await findNextForwarding(world.db), null);

  const refused = await readLetter();
  const no = await forward(refused);
  answers.push({ kind: 'refused', answer: '550 5.1.1 nobody', reason: 'address-rejected' });
  await goOut();
  assert.deepEqual(await stateOf(no), { state: 'failed', attempts: 1 });
});

test('given a letter that is deleted before its mail goes, when it is due, then nothing goes', async () => {
  const id = await readLetter();
  const forwarding = await forward(id);
  await purgeMessage(ctx, reading, id);

  assert.deepEqual(await goOut(), []);
  assert.deepEqual(await stateOf(forwarding), { state: 'withdrawn', attempts: 1 });
  assert.equal((await evidenceOf(town, id)).at(-1), 'RelayToNonERDSFailure failed');
});

test('given a worker that dies with a mail in its hands, when its lease is over, then another sends the same mail; two at once send it once', async () => {
  const id = await readLetter();
  const forwarding = await forward(id);
  await world.advance(11);
  await world.db.transaction(async (tx) =>
    tx.send(
      sql`update correspondence.forwarding set state = 'handing-over', attempts = 1, mail_id = '<x@y>', leased_until = statement_timestamp() + interval '1 minute' where id = ${forwarding}`,
    ),
  );
  assert.deepEqual(await goOut(0), [], 'it is held');
  await world.db.transaction(async (tx) =>
    tx.send(sql`update correspondence.forwarding set leased_until = statement_timestamp() where id = ${forwarding}`),
  );

  const before = mails.length;
  await Promise.all([sendForwards(ctx), sendForwards(ctx), sendForwards(ctx)]);

  assert.deepEqual(
    mails.slice(before).map(({ messageId }) => messageId),
    ['<x@y>'],
  );
  assert.deepEqual(await stateOf(forwarding), { state: 'handed-over', attempts: 2 });
});
