import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import { Refusal } from '#kernel/refusal.ts';
import { organizationCaller, scopes } from '../../../test/world.ts';
import { initializeAttachment } from '../attachments/initialize-attachment.ts';
import { dialogIdOf } from '../read/dialog-id.ts';
import { createTown, letter, scan, send, sendAll } from '../testing/town.ts';
import { assertAllProvoked, assertRefused, openWire, type SentFile } from '../testing/wire.ts';
import { initializeCorrespondence } from './initialize-correspondence.ts';
import { sendRoutes } from './routes.ts';
import type { InitializeCorrespondences } from './wire.ts';

const town = await createTown();
const { world, citizen, municipality, orphan, reserved, sender } = town;
const stranger = organizationCaller(await world.organization('EN ANNEN ETAT'), scopes.sender);
await world.resource('filer', town.agency, { type: 'GenericAccessResource' });
await world.resource('eksplisitt', town.agency, { readers: ['package:eksplisitt'] });
await world.resource('hoyt-niva', town.agency, { minLevel: 3 });
await world.resource('streng', town.agency, { readers: ['package:post-til-virksomheten-med-taushetsbelagt-innhold'], strictAltinn: true });
const led = await world.organization('LEDET AS');
await world.role(town.leader, 'styreleder', led);

/** Attachments in every state, of this sender and of another. */
const pending = await initializeAttachment(world.ctx, sender, { resourceId: 'brev', fileName: 'a.pdf', sendersReference: 'v1' });
const published = await attachmentOf(
  await sendAll(town, letter([citizen], { content: { attachments: [file('a.pdf')] } }), [await world.file('a.pdf', 'a')]),
);
const expiring = await attachmentOf(
  await sendAll(town, letter([citizen], { content: { attachments: [{ ...file('b.pdf'), expirationInDays: 1 }] } }), [
    await world.file('b.pdf', 'b'),
  ]),
);
await scan(town, [published, expiring]);
await world.db.transaction(async (tx) => {
  await tx.run(
    sql`update correspondence.submission_attachment set expires_at = clock.now() + interval '5 hours' where attachment_id = ${expiring}`,
  );
});
const other = await world.organization('TREDJE ETAT');
await world.resource('andres', other);
const otherSender = organizationCaller(other, scopes.sender);
const foreign = await initializeForeign();
const dialogOfMunicipality = dialogIdOf(await send(town, letter([municipality])));
const dialogOfOther = dialogIdOf(await send({ ...town, sender: otherSender }, letter([citizen], { resourceId: 'andres' })));
const key = '0198f0a0-0000-7000-8000-00000000abcd';
await send(town, letter([citizen], {}, { idempotentKey: key }));
const callers = {
  sender,
  stranger,
  /** An agency's system that the register does not know: the agency's scope is enough to send, but nobody is there who did it. */
  unregistered: { ...sender, kind: 'system-user', party: null, subject: null },
  nobody: { ...sender, kind: 'platform', party: null, subject: null },
} as const satisfies Record<string, Caller>;
const wire = await openWire(town, callers);
const one: SentFile = ['en.pdf', 'en'];
const two: SentFile = ['to.pdf', 'to'];

const transmission = { referenceType: 'DialogportenTransmissionType', referenceValue: 'Alert' } as const;
const hour = 3_600_000;
const at = (millis: number) => new Date(world.ctx.now().getTime() + millis).toISOString();
const unknown = { ...municipality, number: '310000000' };

interface Case {
  readonly code: number;
  readonly given: string;
  readonly body: InitializeCorrespondences;
  readonly files?: readonly SentFile[];
  readonly by?: keyof typeof callers;
}

const notified = (notification: NonNullable<InitializeCorrespondences['correspondence']['notification']>) =>
  letter([citizen], { notification });
const own = { emailSubject: 'Ny post', emailBody: 'Logg inn', smsBody: 'Ny post' };
const withFiles = (...names: string[]) => letter([citizen], { content: { attachments: names.map(file) } });

const cases: readonly Case[] = [
  { code: 3023, given: 'a template that does not exist', body: notified({ notificationTemplate: 2 }) },
  { code: 1047, given: 'a key and two recipients', body: letter([citizen, municipality], {}, { idempotentKey: key }) },
  { code: 1034, given: 'a key that was used', body: letter([citizen], {}, { idempotentKey: key }) },
  { code: 1036, given: 'a resource that does not exist', body: letter([citizen], { resourceId: 'finnes-ikke' }) },
  { code: 4001, given: 'a sender without the right to send', body: letter([citizen]), by: 'stranger' },
  { code: 4006, given: 'a caller that is nobody', body: letter([citizen]), by: 'nobody' },
  { code: 4002, given: 'a caller whom the register does not know', body: letter([citizen]), by: 'unregistered' },
  { code: 4010, given: 'a resource of another type', body: letter([citizen], { resourceId: 'filer' }) },
  { code: 1060, given: 'a confidential resource without the flag', body: letter([municipality], { resourceId: 'taushetsbelagt' }) },
  { code: 1061, given: 'the flag on an ordinary resource', body: letter([municipality], { isConfidential: true }) },
  {
    code: 1068,
    given: 'forwarding in a resource with a level',
    body: letter([citizen], { resourceId: 'hoyt-niva', allowForwarding: true }),
  },
  { code: 1006, given: 'a recipient twice', body: letter([citizen, citizen]) },
  { code: 1029, given: 'a recipient that nobody knows', body: letter([unknown]) },
  {
    code: 1029,
    given: 'an e-mail identity',
    body: { ...letter([citizen]), recipients: ['urn:altinn:person:idporten-email:ola@example.no'] },
  },
  {
    code: 1044,
    given: 'confidential post that nobody can open or be given',
    body: letter([orphan], { resourceId: 'taushetsbelagt', isConfidential: true }),
  },
  {
    code: 1044,
    given: 'a strict resource and nobody in a key role',
    body: letter([orphan], { resourceId: 'streng', isConfidential: true }),
  },
  { code: 1016, given: 'confirmation without a due date', body: letter([citizen], { isConfirmationNeeded: true }) },
  { code: 1030, given: 'one recipient who is reserved', body: letter([reserved]) },
  { code: 1008, given: 'a due date that has passed', body: letter([citizen], { dueDateTime: at(-hour) }) },
  {
    code: 1009,
    given: 'a due date before publishing',
    body: letter([citizen], { dueDateTime: at(hour), requestedPublishTime: at(2 * hour) }),
  },
  { code: 1020, given: 'a blank title', body: letter([citizen], { content: { messageTitle: ' ' } }) },
  { code: 1002, given: 'a title with HTML', body: letter([citizen], { content: { messageTitle: '<b>Vedtak</b>' } }) },
  { code: 1003, given: 'a body with HTML', body: letter([citizen], { content: { messageBody: '<h1>test</h1>' } }) },
  { code: 1021, given: 'a blank body', body: letter([citizen], { content: { messageBody: ' \n' } }) },
  { code: 1023, given: 'another language', body: letter([citizen], { content: { language: 'se' } }) },
  { code: 1020, given: 'a translation with a blank title', body: translated({ messageTitle: ' ' }) },
  { code: 1002, given: 'a translation with HTML in its title', body: translated({ messageTitle: '<b>Vedtak</b>' }) },
  { code: 1003, given: 'a translation with HTML in its body', body: translated({ messageBody: '<h1>test</h1>' }) },
  { code: 1021, given: 'a translation with a blank body', body: translated({ messageBody: ' \n' }) },
  { code: 1023, given: 'a translation to another language', body: translated({ language: 'se' }) },
  { code: 1023, given: 'a translation to no language', body: translated({ language: '  ' }) },
  { code: 9844, given: 'a translation to the language of the letter', body: translated({ language: 'NB' }) },
  { code: 9844, given: 'two translations to one language', body: translated({}, {}) },
  { code: 1039, given: 'a sender name with HTML', body: letter([citizen], { messageSender: '<i>x</i>' }) },
  {
    code: 1052,
    given: 'two transmission types',
    body: letter([citizen], {
      externalReferences: [
        { referenceType: 'DialogportenTransmissionType', referenceValue: 'Alert' },
        { referenceType: 'DialogportenTransmissionType', referenceValue: 'Request' },
      ],
    }),
  },
  {
    code: 1053,
    given: 'a transmission type without a dialog',
    body: letter([citizen], { externalReferences: [{ referenceType: 'DialogportenTransmissionType', referenceValue: 'Alert' }] }),
  },
  { code: 1048, given: 'a dialog id that is none', body: inDialog('x', [citizen]) },
  { code: 1045, given: 'a dialog and two recipients', body: inDialog(key, [citizen, municipality]) },
  { code: 1051, given: 'a dialog and reply options', body: inDialog(key, [citizen], { replyOptions: [{ linkURL: 'https://a.example' }] }) },
  { code: 1054, given: 'a dialog that nobody knows', body: inDialog(key, [citizen]) },
  { code: 1050, given: 'a dialog of another owner', body: inDialog(dialogOfOther, [citizen]) },
  { code: 1046, given: 'a dialog of another recipient', body: inDialog(dialogOfMunicipality, [citizen]) },
  { code: 1017, given: 'an attachment of another sender', body: letter([citizen], {}, { existingAttachments: [foreign] }) },
  { code: 1007, given: 'an attachment that does not exist', body: letter([citizen], {}, { existingAttachments: [key] }) },
  { code: 1038, given: 'more than 100 attachments', body: withFiles(...Array.from({ length: 101 }, (_, i) => `${i}.pdf`)) },
  { code: 1018, given: 'an attachment without bytes', body: letter([citizen], {}, { existingAttachments: [pending] }) },
  { code: 1069, given: 'forwarding of 10 MB and more', body: { ...forwardable('en.pdf') }, files: [['en.pdf', Buffer.alloc(10_000_001)]] },
  { code: 2010, given: 'a blank file name', body: withFiles(' '), files: [one] },
  { code: 2013, given: 'a file type that is not taken', body: withFiles('x.exe'), files: [['x.exe', 'x']] },
  { code: 2012, given: 'a file name with a forbidden character', body: withFiles('a?.pdf'), files: [one] },
  { code: 2021, given: 'a reserved file name', body: withFiles('con.pdf'), files: [one] },
  { code: 1005, given: 'fewer files than attachments', body: withFiles('en.pdf', 'to.pdf'), files: [one] },
  { code: 1005, given: 'files and no attachments', body: letter([citizen]), files: [one] },
  { code: 1005, given: 'attachments by JSON', body: withFiles('en.pdf') },
  { code: 1005, given: 'two files of one name out of order', body: withFiles('to.pdf', 'en.pdf', 'en.pdf'), files: [one, one, two] },
  { code: 2004, given: 'an empty file', body: withFiles('tom.pdf'), files: [['tom.pdf', '']] },
  {
    code: 2017,
    given: 'an attachment that lives too short',
    body: letter([citizen], { content: { attachments: [{ ...file('en.pdf'), expirationInDays: 0 }] } }),
    files: [one],
  },
  { code: 1055, given: 'an attachment that expires soon', body: letter([citizen], {}, { existingAttachments: [expiring] }) },
  { code: 1035, given: 'a reply option without https', body: letter([citizen], { replyOptions: [{ linkURL: 'http://a.example' }] }) },
  { code: 3022, given: 'an override without custom recipients', body: notified({ ...own, overrideRegisteredContactInformation: true }) },
  { code: 3019, given: 'a custom recipient without an address', body: notified({ ...own, customRecipients: [{ emailAddress: '' }] }) },
  {
    code: 3018,
    given: 'a custom recipient with two',
    body: notified({ ...own, customRecipients: [{ emailAddress: 'a@b.no', mobileNumber: '+4799999999' }] }),
  },
  {
    code: 3015,
    given: 'a token that needs a lookup',
    body: notified({ ...own, emailBody: '$recipientName$', customRecipient: { emailAddress: 'a@b.no' } }),
  },
  { code: 3011, given: 'a bad e-mail address', body: notified({ ...own, customRecipients: [{ emailAddress: 'a@b;c' }] }) },
  { code: 3012, given: 'a bad mobile number', body: notified({ ...own, customRecipients: [{ mobileNumber: '99999999' }] }) },
  {
    code: 3017,
    given: 'a custom recipient and two recipients',
    body: letter([citizen, municipality], { notification: { ...own, customRecipients: [{ emailAddress: 'a@b.no' }] } }),
  },
  { code: 3002, given: 'e-mail without texts', body: notified({ notificationChannel: 'Email', emailSubject: 'x' }) },
  { code: 3004, given: 'SMS without a text', body: notified({ notificationChannel: 'Sms' }) },
  { code: 3006, given: 'a preferred channel without SMS', body: notified({ ...own, smsBody: null, notificationChannel: 'SmsPreferred' }) },
  { code: 3024, given: 'both channels without SMS', body: notified({ ...own, smsBody: null, notificationChannel: 'EmailAndSms' }) },
  { code: 3003, given: 'a reminder by e-mail without texts', body: notified({ ...own, sendReminder: true }) },
  {
    code: 3005,
    given: 'a reminder by SMS without a text',
    body: notified({ ...own, sendReminder: true, reminderNotificationChannel: 'Sms' }),
  },
  {
    code: 3007,
    given: 'a reminder by preferred channel without texts',
    body: notified({ ...own, sendReminder: true, reminderNotificationChannel: 'EmailPreferred' }),
  },
  {
    code: 3025,
    given: 'a reminder by both without texts',
    body: notified({ ...own, sendReminder: true, reminderNotificationChannel: 'EmailAndSms' }),
  },
  {
    code: 2008,
    given: 'another checksum than the file has',
    body: letter([citizen], { content: { attachments: [{ ...file('en.pdf'), checksum: '0'.repeat(32) }] } }),
    files: [one],
  },
];

for (const { code, given, body, files, by = 'sender' } of cases) {
  test(`given ${given}, when a letter is sent, then it is refused with ${code} and nothing is written`, async () => {
    const asForm = () => wire.form('/correspondence/upload', by, body, files);
    await assertRefused(await world.nothingWritten(asForm), code);
    if (files) return;
    await assertRefused(await world.nothingWritten(() => wire.json('POST', '/correspondence', by, body)), code);
  });
}

/** What the shape of a request refuses first, and a file that no test sends: the rules stand all the same. */
const behindTheShape: readonly { code: number; body: InitializeCorrespondences; sizeBytes?: number }[] = [
  { code: 1037, body: letter([citizen], { content: { messageTitle: 'x'.repeat(256) } }) },
  { code: 1042, body: letter([citizen], { content: { messageSummary: 'x'.repeat(256) } }) },
  { code: 1022, body: letter([citizen], { content: { messageBody: 'x'.repeat(30_001) } }) },
  { code: 2011, body: withFiles(`${'x'.repeat(252)}.pdf`) },
  { code: 2004, body: withFiles('en.pdf'), sizeBytes: 2_000_000_001 },
];
for (const { code, body, sizeBytes } of behindTheShape) {
  test(`given what never comes past the border, when a letter is sent, then it is refused with ${code} and nothing is written`, async () => {
    const file = await world.file('en.pdf', 'en');
    const files = [{ ...file, sizeBytes: sizeBytes ?? file.sizeBytes }];
    await world.nothingWritten(() => assert.rejects(initializeCorrespondence(world.ctx, sender, { body, files }), refusal(code)));
  });
}

/** What can be wrong with one letter. */
interface Wrong {
  readonly by?: keyof typeof callers;
  readonly to?: Parameters<typeof letter>[0];
  readonly request?: Partial<InitializeCorrespondences>;
  readonly correspondence?: Parameters<typeof letter>[1];
  readonly content?: Partial<InitializeCorrespondences['correspondence']['content']>;
  readonly notice?: InitializeCorrespondences['correspondence']['notification'];
  readonly files?: readonly SentFile[];
}

/** In the order in which it is told. Where two speak of the same member, the earlier holds. */
const order: readonly (readonly [code: number, wrong: Wrong])[] = [
  [3023, { notice: { notificationTemplate: 7 } }],
  [1047, { to: [citizen, citizen], request: { idempotentKey: key } }],
  [1034, { to: [reserved], request: { idempotentKey: key }, correspondence: { resourceId: 'brev' } }],
  [1036, { correspondence: { resourceId: 'finnes-ikke' } }],
  [4001, { by: 'stranger' }],
  [4010, { correspondence: { resourceId: 'filer' } }],
  [4002, { by: 'unregistered' }],
  [1060, { correspondence: { resourceId: 'taushetsbelagt' } }],
  [1068, { correspondence: { resourceId: 'hoyt-niva', allowForwarding: true } }],
  [1006, { to: [unknown, unknown] }],
  [1029, { to: [unknown] }],
  [1016, { correspondence: { isConfirmationNeeded: true, dueDateTime: null } }],
  [1030, { to: [reserved] }],
  [1008, { correspondence: { dueDateTime: at(-hour) } }],
  [1009, { correspondence: { dueDateTime: at(hour), requestedPublishTime: at(2 * hour) } }],
  [1020, { content: { messageTitle: ' ' } }],
  [1002, { content: { messageTitle: '<b>x</b>' } }],
  [1003, { content: { messageBody: '<b>x</b>' } }],
  [1021, { content: { messageBody: ' ' } }],
  [1023, { content: { language: 'se' } }],
  [1039, { correspondence: { messageSender: '<b>x</b>' } }],
  [1052, { correspondence: { externalReferences: [transmission, transmission] } }],
  [1053, { correspondence: { externalReferences: [transmission] } }],
  [1048, { correspondence: { externalReferences: [dialogOf('x')] } }],
  [1045, { to: [citizen, municipality], correspondence: { externalReferences: [dialogOf(key)] } }],
  [1051, { correspondence: { externalReferences: [dialogOf(key)], isConfirmationNeeded: true, dueDateTime: at(hour) } }],
  [1054, { correspondence: { externalReferences: [dialogOf(key)], replyOptions: [] } }],
  [1050, { correspondence: { externalReferences: [dialogOf(dialogOfOther)], replyOptions: [] } }],
  [1046, { correspondence: { externalReferences: [dialogOf(dialogOfMunicipality)], replyOptions: [] } }],
  [1017, { request: { existingAttachments: [foreign, key] } }],
  [1007, { request: { existingAttachments: [pending, key] } }],
  [1038, { request: { existingAttachments: [pending] }, content: { attachments: Array.from({ length: 100 }, () => file('a.pdf')) } }],
  [1018, { request: { existingAttachments: [pending] } }],
  [1069, { correspondence: { allowForwarding: true }, files: [['x.exe', Buffer.alloc(10_000_001)]] }],
  [2013, { content: { attachments: [file('x?.exe')] } }],
  [2012, { content: { attachments: [file('x?.pdf')] } }],
  [2021, { content: { attachments: [file('nul.pdf')] } }],
  [1005, { content: { attachments: [file('en.pdf'), file('to.pdf')] } }],
  [2004, { files: [['en.pdf', '']] }],
  [2017, { content: { attachments: [{ ...file('en.pdf'), checksum: '0'.repeat(32), expirationInDays: 0 }] } }],
  [1055, { request: { existingAttachments: [expiring] } }],
  [1035, { correspondence: { replyOptions: [{ linkURL: 'ftp://a.example' }] } }],
  [3022, { notice: { overrideRegisteredContactInformation: true, customRecipients: [] } }],
  [3019, { notice: { customRecipients: [{ emailAddress: '' }, { emailAddress: 'a', mobileNumber: '1' }] } }],
  [3018, { notice: { customRecipients: [{ emailAddress: 'a', mobileNumber: '1' }] } }],
  [3015, { notice: { emailBody: '$recipientName$', customRecipients: [{ mobileNumber: '1' }, { emailAddress: 'a' }] } }],
  [3011, { notice: { customRecipients: [{ mobileNumber: '1' }, { emailAddress: 'a' }] } }],
  [3012, { notice: { customRecipients: [{ mobileNumber: '1' }] } }],
  [3002, { notice: { sendReminder: true } }],
  [2008, { content: { attachments: [{ ...file('en.pdf'), checksum: '0'.repeat(32) }] } }],
];

test('given a letter with everything wrong, when one thing after the other is mended, then the refusals come in the order of the table', async () => {
  const right: Required<Omit<Wrong, 'notice'>> = {
    by: 'sender',
    to: [citizen],
    request: {},
    correspondence: {},
    content: {},
    files: [one],
  };
  const both = (later: Wrong, earlier: Wrong): Wrong => ({
    ...later,
    ...earlier,
    ...(later.notice || earlier.notice ? { notice: { ...later.notice, ...earlier.notice } } : {}),
    request: { ...later.request, ...earlier.request },
    correspondence: { ...later.correspondence, ...earlier.correspondence },
    content: { ...later.content, ...earlier.content },
  });
  for (const [i, [code]] of order.entries()) {
    const draft = order.slice(i).reduceRight((later, [, earlier]) => both(later, earlier), right as Wrong);
    const { by = 'sender', to = [], correspondence, content = {}, notice, request, files } = draft;
    const body = letter(to, { ...correspondence, content, ...(notice ? { notification: notice } : {}) }, request);
    await assertRefused(await wire.form('/correspondence/upload', by, body, files), code);
  }
});

test('given the refusals that sending declares, when the cases here are looked at, then each has one', () => {
  assertAllProvoked(
    sendRoutes,
    [...[...cases, ...behindTheShape].map(({ code }) => code), 2022], // 2022: attachments/on-the-wire.test.ts
  );
});

test('given a company with a chair, when strict or sealed post is sent there, then it is accepted', async () => {
  assert.ok(await send(town, letter([led], { resourceId: 'streng', isConfidential: true })));
  assert.ok(await send(town, letter([municipality], { resourceId: 'taushetsbelagt', isConfidential: true })));
  assert.ok(await send(town, letter([municipality], { resourceId: 'eksplisitt' })));
});

function refusal(code: number): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.row.code, code, error.message);
    return true;
  };
}

function translated(...differs: readonly object[]): InitializeCorrespondences {
  const fit = { language: 'nn', messageTitle: 'Vedtak', messageBody: 'Du har fått eit vedtak.' };
  return letter([citizen], { content: { translations: differs.map((each) => ({ ...fit, ...each })) } });
}

function dialogOf(id: string) {
  return { referenceType: 'DialogportenDialogId', referenceValue: id } as const;
}

function file(fileName: string) {
  return { fileName, sendersReference: fileName };
}

function forwardable(fileName: string): InitializeCorrespondences {
  return letter([citizen], { allowForwarding: true, content: { attachments: [file(fileName)] } });
}

function inDialog(
  id: string,
  recipients: Parameters<typeof letter>[0],
  differs: Parameters<typeof letter>[1] = {},
): InitializeCorrespondences {
  return letter(recipients, { externalReferences: [{ referenceType: 'DialogportenDialogId', referenceValue: id }], ...differs });
}

async function attachmentOf({ attachmentIds }: { attachmentIds: string[] }): Promise<string> {
  return attachmentIds[0]!;
}

function initializeForeign(): Promise<string> {
  return initializeAttachment(world.ctx, otherSender, { resourceId: 'andres', fileName: 'a.pdf', sendersReference: 'v' });
}
