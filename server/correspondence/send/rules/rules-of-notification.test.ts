import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CustomRecipient } from '../custom-recipients.ts';
import type { Facts } from '../facts.ts';
import { customRecipientUnfit } from './rules-of-notification.ts';

const none: CustomRecipient = { emailAddress: null, mobileNumber: null, organizationNumber: null, nationalIdentityNumber: null };
const texts = {
  channel: 'EmailAndSms',
  emailSubject: 'a',
  emailBody: 'b',
  emailHtml: false,
  smsBody: '$correspondenceRecipientName$',
} as const;

function codeFor(custom: Partial<CustomRecipient>): number | undefined {
  const notification = {
    template: 'CustomMessage',
    main: texts,
    reminder: null,
    overrideRegistered: true,
    customRecipients: [{ ...none, ...custom }],
  };
  const facts = { request: { notification, recipients: [{}] } } as unknown as Facts;
  return customRecipientUnfit(facts)?.row.code;
}

test('given addresses that people have, when they are named for a notice, then they are taken', () => {
  for (const emailAddress of ['ola@example.no', 'Ola.Nordmann+post@sub.example.no', 'ærlig@østfold.example', '"ola nordmann"@example.no'])
    assert.equal(codeFor({ emailAddress }), undefined, emailAddress);
  for (const mobileNumber of ['+4799999999', '004741234567', '+46701234567', '+12025550123', '+4721999999', '+47 999 99 999'])
    assert.equal(codeFor({ mobileNumber }), undefined, mobileNumber);
  assert.equal(codeFor({ organizationNumber: '991825827' }), undefined);
  assert.equal(codeFor({ nationalIdentityNumber: '05856412876' }), undefined);
});

test('given what is no address, when it is named for a notice, then it is 3011 or 3012', () => {
  for (const emailAddress of [
    'ola',
    'ola@',
    '@example.no',
    'ola@example',
    'a@b.no;c@d.no',
    'ola nordmann@example.no',
    'a@b..no',
    'a@b.no\r\nBcc: c@d.no',
    'a,b@c.no',
    'a(b)@c.no',
    '"a@b.no, c"@d.no',
    '"a> <b"@c.no',
    `${'a'.repeat(250)}@b.no`,
  ])
    assert.equal(codeFor({ emailAddress }), 3011, emailAddress);
  for (const mobileNumber of ['99999999', '+47999999', '+479999999999', '+4719999999', '+0123456789', '+1234', '00', '+15551234567'])
    assert.equal(codeFor({ mobileNumber }), 3012, mobileNumber);
});
