import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertMailTellsNothing, assertNothingOf, secretsOf } from './secrets.ts';

const secrets = secretsOf({ story: 'police', n: 7 });
const mail = {
  messageId: '<1@example>',
  to: ['leder@example.no'],
  subject: 'Ny post',
  text: 'Det har kommet post.',
  receivedAt: new Date(0),
};
const source = (body: string): string => `Subject: Ny post\r\n\r\n${body}\r\n`;

test('given a mail with nothing of the letter, when it is looked through, then it passes', () => {
  assertMailTellsNothing({ ...mail, source: source('Det har kommet post.') });
});

test('given a mail with any part of the letter, in any place and encoding, when it is looked through, then it fails', () => {
  const wrapped = (text: string): string =>
    Buffer.from(`Hei. ${text} Hilsen oss.`.repeat(4)).toString('base64').replaceAll(/.{76}/g, '$&\r\n');
  for (const part of [secrets.title, secrets.body, secrets.fileName, secrets.file]) {
    const broken = `${part.slice(0, 5)}=\r\n${part.slice(5)}`;
    for (const told of [
      { ...mail, source: source('x'), subject: `Ny post: ${part}` },
      { ...mail, source: source('x'), text: `Les ${part.toUpperCase()}` },
      { ...mail, source: source(part) },
      { ...mail, source: source(broken) },
      { ...mail, source: source(wrapped(part)) },
    ])
      assert.throws(() => assertMailTellsNothing(told), /a mail tells/, JSON.stringify(told));
    assert.throws(() => assertNothingOf('an envelope', JSON.stringify({ title: part })), /an envelope tells/);
  }
});
