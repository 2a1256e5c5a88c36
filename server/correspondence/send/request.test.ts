import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toRequest } from './request.ts';
import type { InitializeCorrespondences, WireNotification } from './wire.ts';

const correspondence = { resourceId: 'brev', sendersReference: '1', content: { messageTitle: 'Hei', messageBody: 'Hei.' } };
const read = (notification: WireNotification) =>
  toRequest({ correspondence: { ...correspondence, notification }, recipients: [] }).notification!;

test('given custom recipients in all three generations of the field, when a request is read, then the newest that names somebody holds', () => {
  const oldest = {
    customNotificationRecipients: [{ recipients: [{ emailAddress: 'eldst@a.no' }] }, { recipients: [{ emailAddress: 'to@a.no' }] }],
  };
  const former = { customRecipient: { emailAddress: 'forrige@a.no' } };
  const today = { customRecipients: [{ emailAddress: 'dagens@a.no' }, { mobileNumber: '+4799999999' }] };
  const named = (notification: WireNotification) => read(notification).customRecipients.map((one) => one.emailAddress ?? one.mobileNumber);

  assert.deepEqual(named({ ...oldest, ...former, ...today }), ['dagens@a.no', '+4799999999']);
  assert.deepEqual(named({ ...oldest, ...former, customRecipients: [] }), ['forrige@a.no']);
  assert.deepEqual(named({ ...oldest, customRecipient: null, customRecipients: null }), ['eldst@a.no']);
  assert.deepEqual(named({ customNotificationRecipients: [{ recipients: null }] }), []);
});

test('given a notification of which little is said, when a request is read, then it goes by e-mail in plain text, and the reminder as the first', () => {
  const { template, main, reminder, overrideRegistered } = read({ sendReminder: true });
  assert.deepEqual([template, main.channel, main.emailHtml, overrideRegistered], ['CustomMessage', 'Email', false, false]);
  assert.deepEqual([reminder?.channel, reminder?.emailHtml], ['Email', false]);

  const html = read({ notificationChannel: 'SmsPreferred', emailContentType: 'Html', sendReminder: true });
  assert.deepEqual([html.reminder?.channel, html.reminder?.emailHtml], ['SmsPreferred', true]);
  const own = read({ emailContentType: 'Html', sendReminder: true, reminderNotificationChannel: 'Sms', reminderEmailContentType: 'Plain' });
  assert.deepEqual([own.reminder?.channel, own.reminder?.emailHtml], ['Sms', false]);
  assert.equal(read({ reminderSmsBody: 'Les' }).reminder, null);
});

test('given blank texts and repeated attachments, when a request is read, then blank is none and each attachment is one', () => {
  const [a, b] = ['0198f0a0-0000-7000-8000-0000000000aa', '0198f0a0-0000-7000-8000-0000000000bb'];
  const body: InitializeCorrespondences = {
    correspondence: { ...correspondence, messageSender: ' ', content: { ...correspondence.content, language: ' ' } },
    recipients: ['0192:991825827', 'URN:Altinn:Person:Idporten-Email:Kari@Example.NO'],
    existingAttachments: [b, a, b],
  };
  const { messageSender, language, existingAttachments, recipients, ignoreReservation } = toRequest(body);
  assert.deepEqual([messageSender, language, existingAttachments, ignoreReservation], [null, 'nb', [b, a], false]);
  assert.deepEqual(
    recipients.map(({ urn, kind }) => [urn, kind]),
    [
      ['urn:altinn:organization:identifier-no:991825827', 'organization'],
      ['urn:altinn:person:idporten-email:kari@example.no', 'other'],
    ],
  );
});
