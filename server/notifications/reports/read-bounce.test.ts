import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import fc from 'fast-check';
import { sql } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { createTestDatabase } from '../../../test/database.ts';
import type { NoticeRow } from '../compose/notice-row.ts';
import { planNotices } from '../compose/plan-notices.ts';
import { deliverDueNotices } from '../deliver/deliver-due-notices.ts';
import { dsn, openReports } from '../testing/reporting.ts';
import { readBounce } from './read-bounce.ts';

const { ctx, db } = await createTestDatabase();
const { bounce } = await openReports(ctx);

const ours = '<0198f0a0-0000-7000-8000-0000000000aa@budstikke.example>';
const other = '<0198f0a0-0000-7000-8000-0000000000bb@budstikke.example>';

interface Part {
  readonly type: string;
  readonly body: string | Buffer;
  readonly encoding?: 'base64' | 'quoted-printable';
}

const status = (action = 'failed', code = '5.1.1', more = ''): string =>
  `Reporting-MTA: dns; mx.example.no\r\n\r\nFinal-Recipient: rfc822; borte@example.no\r\nAction: ${action}\r\nStatus: ${code}\r\n${more}`;
const returned = (id: string): string => `Subject: Ny post\r\nMessage-ID: ${id}\r\n`;
const about = (id: string, over: Partial<Part> = {}): Part => ({ type: 'text/rfc822-headers', body: returned(id), ...over });
const says = (body: string = status(), over: Partial<Part> = {}): Part => ({ type: 'message/delivery-status', body, ...over });

const encoded = ({ body, encoding }: Part): string => {
  if (encoding === 'base64') return Buffer.from(body).toString('base64').replaceAll(/.{76}/g, '$&\r\n');
  if (encoding !== 'quoted-printable') return body.toString();
  const escaped = body.toString().replaceAll('=', '=3D').replaceAll(':', '=3A');
  return escaped
    .split('\r\n')
    .map((line) => line.replaceAll(/.{20}/g, '$&=\r\n'))
    .join('\r\n');
};

const multipart = (subtype: string, boundary: string, parts: readonly (Part | string)[], close = true): string =>
  [
    `Content-Type: multipart/${subtype}; report-type=delivery-status;\r\n\tboundary="${boundary}"`,
    '',
    ...parts.flatMap((part) => [
      `--${boundary}`,
      ...(typeof part === 'string'
        ? [part]
        : [`Content-Type: ${part.type}`, ...(part.encoding ? [`Content-Transfer-Encoding: ${part.encoding}`] : []), '', encoded(part)]),
    ]),
    ...(close ? [`--${boundary}--`, ''] : []),
  ].join('\r\n');
const head = 'From: MAILER-DAEMON@example.no\r\nMessage-ID: <bounce@example.no>\r\nMIME-Version: 1.0\r\n';
const mail = (parts: readonly (Part | string)[], close = true): string => head + multipart('report', 'grense', parts, close);
const words = (body: string): Part => ({ type: 'text/plain; charset=utf-8', body });
const read = async (text: string): Promise<string | undefined> => {
  const reports = await readBounce(Buffer.from(text));
  return reports?.map(({ messageId, outcome, reason }) => [outcome, reason, messageId].filter((one) => one !== null).join(' ')).join();
};
const failed = `failed address-rejected ${ours}`;
const quoted = `Action: failed\r\nStatus: 5.2.2\r\nMessage-ID: ${other}\r\n`;

const whole: Readonly<Record<string, string>> = {
  'a text part that speaks of a delay': mail([words('Action: delayed delivery was tried'), says(), about(ours)]),
  'a text part that quotes the bounce of another': mail([words(quoted), says(), about(ours)]),
  'a text part that quotes another with boundaries': mail([
    words(`${mail([says(), about(other)]).replaceAll('grense', 'annen')}`),
    says(),
    about(ours),
  ]),
  'a preamble and an epilogue that quote another':
    head + multipart('report', 'grense', [says(), about(ours)]).replace('--grense', `${quoted}\r\n--grense`) + quoted,
  'both parts in base64': mail([says(status(), { encoding: 'base64' }), about(ours, { encoding: 'base64' })]),
  'both parts quoted-printable, with soft breaks': mail([
    says(status(), { encoding: 'quoted-printable' }),
    about(ours, { encoding: 'quoted-printable' }),
  ]),
  'the whole mail returned, which is a report itself': mail([
    says(),
    { type: 'message/rfc822', body: `Message-ID: ${ours}\r\n${multipart('report', 'indre', [says(status('delivered')), about(other)])}` },
  ]),
  'the returned mail in base64': mail([
    says(),
    { type: 'message/rfc822', encoding: 'base64', body: `Message-ID: ${ours}\r\n\r\n${quoted}` },
  ]),
  'folded fields': mail([says(status().replace('Action: ', 'Action:\r\n\t')), about(ours, { body: `Message-ID:\r\n  ${ours}\r\n` })]),
  'names and types in other cases': mail([says(), about(ours)])
    .replace('message/delivery-status', 'Message/Delivery-Status')
    .replace('Action', 'ACTION')
    .replaceAll('Message-ID', 'message-id'),
  'a report within what a filter has wrapped it in':
    head + multipart('mixed', 'ytre', [multipart('report', 'grense', [says(), about(ours)]), words('Virus checked')]),
  'no line ends but LF': mail([words(quoted), says(), about(ours)]).replaceAll('\r\n', '\n'),
  'the form for addresses beyond ASCII': mail([
    says(status(), { type: 'message/global-delivery-status' }),
    about(ours, { type: 'message/global-headers' }),
  ]),
  'a comment after the action, and a status in words': mail([says(status('failed (bounced)', '5.1.1 (bad mailbox)')), about(ours)]),
  'two mailboxes behind the address, one of which took it': mail([
    says(`${status('delivered', '2.0.0')}\r\nFinal-Recipient: rfc822; b@example.no\r\nAction: failed\r\nStatus: 5.1.1\r\n`),
    about(ours),
  ]),
  'no closing boundary': mail([says(), about(ours)], false),
  'the end cut off after the Message-ID': mail([says(), about(ours)]).split('--grense--')[0]!,
  'parts in the other order': mail([about(ours), says()]),
};
for (const [what, text] of Object.entries(whole))
  test(`given a bounce with ${what}, when it is read, then it names our mail and that it has failed`, async () => {
    assert.equal(await read(text), failed);
  });

const none: Readonly<Record<string, string>> = {
  'its text part alone': mail([words(quoted)]),
  'no boundary named': mail([says(), about(ours)]).replace(/boundary="grense"/, ''),
  'a boundary that never comes': mail([says(), about(ours)]).replace('boundary="grense"', 'boundary="annen"'),
  'no part that says what became of it': mail([words(quoted), about(ours)]),
  'no part that names what it is about': mail([words(quoted), says()]),
  'the end cut off before it names the mail': mail([words(quoted), says(), about(ours)]).split(
    'Message-ID: <0198f0a0-0000-7000-8000-0000000000aa',
  )[0]!,
  'nothing but bare words': `${head}\r\n${quoted}`,
  'a report that is enclosed as another mail':
    head + multipart('mixed', 'ytre', [words('Se vedlegg'), { type: 'message/rfc822', body: mail([says(), about(other)]) }]),
  'parts that are no report’s': head + multipart('mixed', 'grense', [says(), about(other)]),
  'parts that belong to two reports':
    head + multipart('mixed', 'ytre', [multipart('report', 'a', [says()]), multipart('report', 'b', [about(other)])]),
  'base64 that is none': mail([says(), about(ours)]).replace('delivery-status', 'delivery-status\r\nContent-Transfer-Encoding: base64'),
  'a Message-ID with a control character': mail([says(), about('<a\u0000b@budstikke.example>')]),
  'nothing at all': '',
};
for (const [what, text] of Object.entries(none))
  test(`given a mail with ${what}, when it is read, then it is no bounce`, async () => {
    assert.equal(await read(text), undefined);
  });

test('given a report that is cut off anywhere, when it is read, then it says what the whole says, or nothing', async () => {
  const text = mail([words(quoted), says(status(), { encoding: 'base64' }), about(ours, { encoding: 'quoted-printable' })]);
  for (let end = 0; end <= text.length; end += 7)
    assert.ok([undefined, '', failed].includes(await read(text.slice(0, end))), `cut at ${end}`);
});

test('given any bytes between the parts of a report, when it is read, then nobody else’s mail is named and nothing is thrown', async () => {
  const noise = fc.array(
    fc.constantFrom(
      '--grense',
      '--grense--',
      '\r\n',
      '\n',
      quoted,
      'Content-Type: message/delivery-status',
      '\r\n\r\n',
      ' ',
      '\u0000',
      'æ',
      returned(other),
    ),
    {
      maxLength: 12,
    },
  );
  await fc.assert(
    fc.asyncProperty(noise, noise, async (before, after) => {
      await readBounce(Buffer.from(mail([words(before.join('')), says(), about(ours)]) + after.join('')));
      const [report] = (await readBounce(Buffer.from(mail([says(), about(ours)]) + after.join('')))) ?? [];
      assert.equal(report?.messageId, ours);
    }),
    { numRuns: 300 },
  );
});

for (const [what, text] of [
  [
    'a thousand reports within each other',
    Array.from({ length: 1000 }, (_, i) => i).reduceRight((inner, i) => multipart('report', `b${i}`, [inner]), ''),
  ],
  ['ten thousand parts', mail(Array.from({ length: 10_000 }, () => words('x')))],
  ['a header of a megabyte', `${'X'.repeat(64)}: ${'y'.repeat(1_000_000)}`],
  ['a megabyte of folded lines', `Subject: x\r\n${' x\r\n'.repeat(250_000)}`],
  ['a megabyte of opened comments', `Content-Type: ${'('.repeat(999_000)}`],
  ['a status of a megabyte of blank lines', mail([says('\r\n'.repeat(400_000)), about(ours)])],
  ['a status of a megabyte of groups', mail([says('A: b\r\n\r\n'.repeat(110_000)), about(ours)])],
] as const)
  test(`given ${what}, when it is read, then that is over within seconds`, async () => {
    const started = performance.now();
    assert.equal(await read(text), undefined);
    assert.ok(performance.now() - started < 5000, `${performance.now() - started} ms`);
  });

test('given what a server says at length, when it is read, then it is kept to what a report may say, without control characters', async () => {
  const [report] = (await readBounce(
    Buffer.from(mail([says(status('failed', '5.1.1', `Diagnostic-Code: smtp; 550 \u0000${'x'.repeat(5000)}\r\n`)), about(ours)])),
  ))!;
  assert.match(report!.answer!, /^smtp; 550 x+$/);
  assert.equal(report!.answer!.length, 2000);
});

test('given two notices, when one bounces with words that quote the bounce of the other, then that one has failed and the other stands', async () => {
  const notices = [1, 2].map(
    (n): NoticeRow => ({
      ...{ about: newId(), party: newId() as PartyId, to: newId() as PartyId, step: newId(), purpose: 'new-mail', channel: 'email' },
      ...{ address: `${n}@example.no`, subject: 'Ny post', body: 'Logg inn.', html: false, dueAt: new Date(0), at: new Date(0) },
    }),
  );
  await db.transaction(async (tx) => planNotices(tx, notices));
  const taking = { send: async () => ({ kind: 'handed-over' as const, answer: '250' }) };
  await deliverDueNotices({ ...ctx, mail: taking, sms: taking, mailFrom: 'post@budstikke.example' });
  const idOf = async ({ about: of }: NoticeRow) =>
    (await db.one<{ id: string }>(sql`select message_id as id from notifications.notice where about = ${of}`)).id;
  const [mine, theirs] = [await idOf(notices[0]!), await idOf(notices[1]!)];
  const text = mail([
    words(`Action: delayed\r\n${dsn(theirs)}`),
    says(status(), { encoding: 'base64' }),
    about(mine, { encoding: 'quoted-printable' }),
  ]);
  assert.deepEqual(await bounce(text), [200, { settled: 1 }]);
  const states = await db.all<{ state: string }>(
    sql`select state from notifications.notice where about = any(${notices.map((one) => one.about)}::uuid[]) order by address`,
  );
  assert.deepEqual(
    states.map(({ state }) => state),
    ['failed', 'handed-over'],
  );
});

test('given a bounce of Postfix in base64, as a gateway on the way may write it, when it is read, then it says the same', async () => {
  const postfix = await readFile(new URL('../testing/bounces/no-such-user.eml', import.meta.url), 'utf8');
  const parts = postfix.split(/^--C60123CE0FE\.1796066512\/mx\.budstikke\.example(?:--)?$/m).slice(1, 4);
  const rewritten = parts.map((part) => {
    const [fields, ...body] = part.trimStart().split(/\r?\n\r?\n/);
    const type = /^Content-Type: ([^\s;]+)/m.exec(fields!)![1]!;
    return { type, body: body.join('\n\n'), encoding: 'base64' as const };
  });
  assert.deepEqual(await readBounce(Buffer.from(mail(rewritten))), await readBounce(Buffer.from(postfix)));
});
