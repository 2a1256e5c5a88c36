import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '#kernel/context.ts';
import { sql } from '#kernel/database.ts';
import { Refusal } from '#kernel/refusal.ts';
import type { ReceivedFile } from '#kernel/route.ts';
import { organizationCaller, scopes } from '../../../test/world.ts';
import { initializeAttachment } from '../attachments/initialize-attachment.ts';
import { createTown, letter, scan, send, sendAll } from '../testing/town.ts';
import { initializeCorrespondence } from './initialize-correspondence.ts';
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
const foreign = await initializeForeign();
const key = '0198f0a0-0000-7000-8000-00000000abcd';
await send(town, letter([citizen], {}, { idempotentKey: key }));
const [one, two, empty, exe] = [
  await world.file('en.pdf', 'en'),
  await world.file('to.pdf', 'to'),
  await world.file('tom.pdf', ''),
  await world.file('x.exe', 'x'),
];

const hour = 3_600_000;
const at = (millis: number) => new Date(world.ctx.now().getTime() + millis).toISOString();
const unknown = { ...citizen, number: '31000000000' };

interface Case {
  readonly code: number;
  readonly given: string;
  readonly body: InitializeCorrespondences;
  readonly files?: readonly ReceivedFile[];
  readonly by?: Caller;
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
  { code: 4001, given: 'a sender without the right to send', body: letter([citizen]), by: stranger },
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
  { code: 1017, given: 'an attachment of another sender', body: letter([citizen], {}, { existingAttachments: [foreign] }) },
  { code: 1007, given: 'an attachment that does not exist', body: letter([citizen], {}, { existingAttachments: [key] }) },
  { code: 1038, given: 'more than 100 attachments', body: withFiles(...Array.from({ length: 101 }, (_, i) => `${i}.pdf`)) },
  { code: 1018, given: 'an attachment without bytes', body: letter([citizen], {}, { existingAttachments: [pending] }) },
  { code: 1069, given: 'forwarding of 10 MB and more', body: { ...forwardable('en.pdf') }, files: [{ ...one, sizeBytes: 10_000_001 }] },
  { code: 2010, given: 'a blank file name', body: withFiles(' '), files: [one] },
  { code: 2013, given: 'a file type that is not taken', body: withFiles('x.exe'), files: [exe] },
  { code: 2012, given: 'a file name with a forbidden character', body: withFiles('a?.pdf'), files: [one] },
  { code: 2021, given: 'a reserved file name', body: withFiles('con.pdf'), files: [one] },
  { code: 1005, given: 'fewer files than attachments', body: withFiles('en.pdf', 'to.pdf'), files: [one] },
  { code: 1005, given: 'files and no attachments', body: letter([citizen]), files: [one] },
  { code: 1005, given: 'attachments by JSON', body: withFiles('en.pdf') },
  { code: 1005, given: 'two files of one name out of order', body: withFiles('to.pdf', 'en.pdf', 'en.pdf'), files: [one, one, two] },
  { code: 2004, given: 'an empty file', body: withFiles('tom.pdf'), files: [empty] },
  { code: 2004, given: 'a file of more than 2 GB', body: withFiles('en.pdf'), files: [{ ...one, sizeBytes: 2_000_000_001 }] },
  {
    code: 2017,
    given: 'an attachment that lives too short',
    body: letter([citizen], { content: { attachments: [{ ...file('en.pdf'), expirationInDays: 0 }] } }),
    files: [one],
  },
  { code: 1055, given: 'an attachment that expires soon', body: letter([citizen], {}, { existingAttachments: [expiring] }) },
  { code: 1035, given: 'a reply option without https', body: letter([citizen], { replyOptions: [{ linkURL: 'http://a.example' }] }) },
  { code: 3022, given: 'an override without custom recipients', body: notified({ ...own, overrideRegisteredContactInformation: true }) },
  { code: 3019, given: 'a custom recipient without an address', body: notified({ ...own, customRecipients: [{}] }) },
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

for (const { code, given, body, files = [], by = sender } of cases) {
  test(`given ${given}, when a letter is sent, then it is refused with ${code} and nothing is written`, async () => {
    await world.nothingWritten(() => assert.rejects(initializeCorrespondence(world.ctx, by, { body, files }), refusal(code)));
  });
}

test('given several things wrong, when a letter is sent, then the first of the order is told', async () => {
  const body = letter([reserved], { content: { messageTitle: '<b>x</b>' }, isConfirmationNeeded: true, allowForwarding: true });

  await assert.rejects(initializeCorrespondence(world.ctx, stranger, { body }), refusal(4001));
  await assert.rejects(initializeCorrespondence(world.ctx, sender, { body }), refusal(1016));
});

test('given a company with a chair, when strict or sealed post is sent there, then it is accepted', async () => {
  assert.ok(await send(town, letter([led], { resourceId: 'streng', isConfidential: true })));
  assert.ok(await send(town, letter([municipality], { resourceId: 'taushetsbelagt', isConfidential: true })));
  assert.ok(await send(town, letter([municipality], { resourceId: 'eksplisitt' })));
});

test('given a caller whom the register does not know, when it sends, then it is refused with 4002', async () => {
  const body = letter([citizen]);
  const unregistered: Caller = { ...sender, party: null, subject: null };

  await world.nothingWritten(() => assert.rejects(initializeCorrespondence(world.ctx, unregistered, { body }), refusal(4002)));
});

function refusal(code: number): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.row.code, code, error.message);
    return true;
  };
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

async function initializeForeign(): Promise<string> {
  const other = await world.organization('TREDJE ETAT');
  await world.resource('andres', other);
  return initializeAttachment(world.ctx, organizationCaller(other, scopes.sender), {
    resourceId: 'andres',
    fileName: 'a.pdf',
    sendersReference: 'v',
  });
}
