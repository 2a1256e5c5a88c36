import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Overloaded } from '#kernel/overloaded.ts';
import { Refusal } from '#kernel/refusal.ts';
import { partyUrn } from '#register/index.ts';
import { organizationCaller, scopes } from '../../test/world.ts';
import { mailingErrors as e, lineErrors } from './errors.ts';
import { longestLine } from './read-lines.ts';
import { receiveRecipients } from './receive-recipients.ts';
import { listLineErrors, lookAtMailing } from './show-mailing.ts';
import { begin, brokenInvariants, createMailTown, messagesOf, sendOff, upload } from './testing/mail-town.ts';

const town = await createMailTown();
const { world, municipality, orphan, citizen, leader, reserved, ctx, sender } = town;

const refusedBy = (row: object) => (error: unknown) => error instanceof Refusal && error.row === row;
const errorsOf = async (mailing: string): Promise<unknown[]> =>
  (await listLineErrors(ctx, sender, mailing, 0)).errors.map(({ line, errorCode, field }) => [line, errorCode, field]);

test('given recipients in every form, when they are received, then each is staged once, and how likely they open is counted', async () => {
  const mailing = await begin(town);

  const receipt = await upload(town, mailing, [
    { recipient: partyUrn(municipality) },
    { recipient: orphan.number! },
    { recipient: `0192:${town.agency.number}` },
    { recipient: citizen.number! },
    `${JSON.stringify({ recipient: partyUrn(leader) })}\r`,
  ]);

  assert.deepEqual(receipt, { nextLine: 6, staged: 5, refused: 0 });
  const { counts, openability, nextLine } = await lookAtMailing(ctx, sender, mailing);
  assert.deepEqual(counts, { received: 5, staged: 5, refused: 0, sent: 0, published: 0, unsent: 5 });
  assert.equal(nextLine, 6);
  assert.equal(
    Object.values(openability).reduce((a, b) => a + b),
    5,
  );
  assert.equal(openability.UNREACHABLE, 2);
  assert.deepEqual(await brokenInvariants(town), []);
});

test('given lines that are wrong, when they are received, then each is refused by its number and the others are staged', async () => {
  const mailing = await begin(town, { content: { messageTitle: 'Til {{navn}}' } });
  const fields = { navn: 'Ola' };

  const receipt = await upload(town, mailing, [
    { recipient: municipality.number!, fields },
    'ikke json',
    '',
    '[1]',
    `{"recipient": "${'x'.repeat(longestLine)}"}`,
    { fields },
    { recipient: citizen.number!, fields: { navn: 7 as unknown as string } },
    { recipient: 'urn:altinn:person:identifier-no:12345678901', fields },
    { recipient: '123456789', fields },
    { recipient: '14886498226', fields },
    { recipient: municipality.number!, fields },
    { recipient: reserved.number!, fields },
    { recipient: citizen.number! },
    { recipient: citizen.number!, fields: { navn: 'x'.repeat(260) } },
    { recipient: citizen.number!, fields: { navn: '<b>Ola</b>' } },
    { recipient: citizen.number!, fields: { navn: 'O\0la' } },
    { recipient: citizen.number!, fields: { navn: 'Ola \ud800' } },
    { recipient: citizen.number!, fields, externalReferences: [{ referenceType: 'DialogportenDialogId', referenceValue: 'x' }] },
    { recipient: citizen.number!, fields, propertyList: { x: 'y'.repeat(301) } },
    { recipient: citizen.number!, fields },
  ]);

  assert.deepEqual(receipt, { nextLine: 21, staged: 2, refused: 18 });
  assert.deepEqual(
    await errorsOf(mailing),
    [
      [2, lineErrors.notJson.code, null],
      [3, lineErrors.notJson.code, null],
      [4, lineErrors.notJson.code, null],
      [5, lineErrors.tooLong.code, null],
      [6, lineErrors.misfit.code, 'recipient'],
      [7, lineErrors.misfit.code, 'fields'],
      [8, lineErrors.numberInvalid.code, 'recipient'],
      [9, lineErrors.numberInvalid.code, 'recipient'],
      [10, lineErrors.recipientUnknown.code, 'recipient'],
      [11, lineErrors.recipientTwice.code, 'recipient'],
      [12, lineErrors.reserved.code, 'recipient'],
      [13, lineErrors.fieldMissing.code, 'navn'],
      [14, lineErrors.contentUnfit.code, 'CORR-01037'],
      [15, lineErrors.contentUnfit.code, 'CORR-01002'],
      [16, lineErrors.textUnkeepable.code, 'fields'],
      [17, lineErrors.textUnkeepable.code, 'fields'],
      [18, lineErrors.contentUnfit.code, 'CORR-01054'],
      [19, lineErrors.misfit.code, 'propertyList'],
    ].map((each) => each as unknown),
  );
  assert.equal((await sendOff(town, mailing)).counts.sent, 2);
});

test('given confidential post that nobody could open, and a letter that greets one without a name, when they are received, then those are refused', async () => {
  const sealed = await begin(town, { resourceId: 'taushetsbelagt', isConfidential: true });
  await upload(town, sealed, [orphan, municipality]);
  assert.deepEqual(await errorsOf(sealed), [[1, lineErrors.cannotOpen.code, 'recipient']]);

  const nameless = await world.organization(' ');
  const greeting = await begin(town, { content: { messageBody: 'Kjære {{recipientName}}' } });
  await upload(town, greeting, [nameless, municipality]);
  assert.deepEqual(await errorsOf(greeting), [[1, lineErrors.nameless.code, 'recipient']]);
});

test('given bytes that are no UTF-8, when they are received, then that line is refused and no other', async () => {
  const mailing = await begin(town);
  const bytes = Buffer.concat([
    Buffer.from('{"recipient":"'),
    Buffer.from([0xff, 0xfe]),
    Buffer.from(`"}\n{"recipient":"${citizen.number}"}`),
  ]);

  const receipt = await receiveRecipients(ctx, sender, {
    mailing,
    from: 1,
    stream: Readable.from([...bytes].map((byte) => Buffer.from([byte]))),
  });

  assert.deepEqual(receipt, { nextLine: 3, staged: 1, refused: 1 });
});

test('given lines that were taken before, when they come again or overlap, then nothing changes but by the new ones', async () => {
  const mailing = await begin(town);
  await upload(town, mailing, [municipality, orphan]);

  assert.deepEqual(await world.nothingWritten(() => upload(town, mailing, [municipality, orphan])), { nextLine: 3, staged: 0, refused: 0 });
  assert.deepEqual(await upload(town, mailing, [orphan, citizen], { from: 2 }), { nextLine: 4, staged: 1, refused: 0 });
  assert.deepEqual(await upload(town, mailing, [leader], { from: 4 }), { nextLine: 5, staged: 1, refused: 0 });

  await sendOff(town, mailing);
  assert.deepEqual(
    new Set((await messagesOf(town, mailing)).map(({ recipient }) => recipient)),
    new Set([municipality, orphan, citizen, leader].map(({ id }) => id)),
  );
});

test('given a recipient of an earlier upload, when it comes again on another line, then that line is refused', async () => {
  const mailing = await begin(town);
  await upload(town, mailing, [municipality, orphan]);

  const receipt = await upload(town, mailing, [citizen, municipality, leader], { from: 3 });

  assert.deepEqual(receipt, { nextLine: 6, staged: 2, refused: 1 });
  assert.deepEqual(await errorsOf(mailing), [[4, lineErrors.recipientTwice.code, 'recipient']]);
  assert.deepEqual(await brokenInvariants(town), []);
});

test('given two uploads of the same lines at once, when both are done, then each line is taken once', async () => {
  const mailing = await begin(town);
  const people = [municipality, orphan, citizen, leader];

  const receipts = await Promise.all([1, 2].map(() => upload(town, mailing, people)));

  assert.equal(
    receipts.reduce((sum, { staged }) => sum + staged, 0),
    4,
  );
  assert.ok(receipts.every(({ nextLine }) => nextLine === 5));
  assert.deepEqual((await lookAtMailing(ctx, sender, mailing)).counts.staged, 4);
});

test('given lines that leave a gap, when they are sent, then they are refused with the line to continue from', async () => {
  const mailing = await begin(town);
  await upload(town, mailing, [municipality]);

  await world.nothingWritten(() =>
    assert.rejects(
      upload(town, mailing, [citizen], { from: 3 }),
      (error: unknown) => refusedBy(e.linesMissing)(error) && /line 2$/.test((error as Error).message),
    ),
  );
});

test('given a stream that breaks off, when it is continued from the line that the mailing names, then nothing is missing and nothing twice', async () => {
  const mailing = await begin(town);
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.from(`{"recipient":"${municipality.number}"}\n{"recipient":"${orphan.number}"}\n{"recip`);
    throw new Error('the connection is gone');
  }
  const stream = Readable.from(broken());

  await assert.rejects(receiveRecipients(ctx, sender, { mailing, from: 1, stream }), /connection is gone/);

  const { nextLine } = await lookAtMailing(ctx, sender, mailing);
  assert.equal(nextLine, 3);
  assert.equal((await upload(town, mailing, [citizen], { from: nextLine })).nextLine, 4);
  assert.equal((await sendOff(town, mailing)).counts.sent, 3);
});

test('given a mailing of another, one that is released, or none, when recipients come, then they are refused and nothing is written', async () => {
  const mailing = await begin(town);
  const stranger = organizationCaller(municipality, scopes.sender);
  await world.nothingWritten(() => assert.rejects(upload(town, mailing, [citizen], { caller: stranger }), refusedBy(e.mailingNotFound)));
  await world.nothingWritten(() =>
    assert.rejects(upload(town, '0198f0a0-0000-7000-8000-000000000000', [citizen]), refusedBy(e.mailingNotFound)),
  );

  await upload(town, mailing, [citizen]);
  await sendOff(town, mailing);
  await world.nothingWritten(() => assert.rejects(upload(town, mailing, [leader], { from: 2 }), refusedBy(e.mailingClosed)));
});

test('given a stream that falls silent, when patience is over, then it is broken off, what came is kept, and it can be continued', async () => {
  const mailing = await begin(town);
  const stream = new PassThrough();
  stream.write(`{"recipient":"${municipality.number}"}\n{"recipient"`);

  await assert.rejects(receiveRecipients(ctx, sender, { mailing, from: 1, stream, patienceMillis: 50 }), refusedBy(e.nothingCame));

  assert.equal((await lookAtMailing(ctx, sender, mailing)).nextLine, 2);
  assert.equal((await upload(town, mailing, [citizen], { from: 2 })).nextLine, 3);
});

test('given as many uploads as one sender may have at once, when another comes, then it is told to come again, and is taken when one has ended', async () => {
  const mailing = await begin(town);
  const open = Array.from({ length: 2 }, () => new PassThrough());
  const uploads = open.map((stream) => receiveRecipients(ctx, sender, { mailing, from: 1, stream }));
  for (const stream of open) stream.write('{"recip');
  await sleep(300);

  await world.nothingWritten(() => assert.rejects(upload(town, mailing, [citizen]), Overloaded));

  for (const stream of open) stream.end();
  await Promise.all(uploads);
  assert.equal((await upload(town, mailing, [citizen], { from: 2 })).staged, 1);
});
