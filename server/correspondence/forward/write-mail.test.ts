import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainTextOf } from './plain-text.ts';
import { writeForwardedMail } from './write-mail.ts';

test('given a letter in Markdown, when it becomes plain text, then marks go, and words, lists and addresses stay', () => {
  for (const [markdown, plain] of [
    ['# Vedtak\r\n\r\nDu *må* **betale** _nå_.', 'Vedtak\n\nDu må betale nå.'],
    ['- en\n- to\n1. tre', '- en\n- to\n1. tre'],
    [
      'Se [siden](https://etaten.example/a_b_c "tittel") og <https://x.example>.',
      'Se siden (https://etaten.example/a_b_c) og https://x.example.',
    ],
    ['[skriv](mailto:a@b.example) [kjør](javascript:alert(1))', 'skriv (mailto:a@b.example) [kjør](javascript:alert(1))'],
    ['![bilde](https://x.example/a.png)', 'bilde (https://x.example/a.png)'],
    ['linje<br>to<br />tre', 'linje\nto\ntre'],
    ['> sitat\n\n```\nkode\n```\n\n`x`', 'sitat\n\nkode\n\nx'],
    ['2 * 3 * 4 og snake_case_navn', '2 * 3 * 4 og snake_case_navn'],
    ['R&amp;D &lt;ikke kode&gt; &#65;&#x42; &ukjent; \\*stjerne\\*', 'R&D <ikke kode> AB &ukjent; *stjerne*'],
    ['en\n\n\n\n\nto', 'en\n\nto'],
    ['', ''],
  ] as const) {
    assert.equal(plainTextOf(markdown), plain);
  }
});

test('given texts made to be slow, when they become plain text, then they do at once', () => {
  for (const text of [
    '*'.repeat(30_000),
    '**a'.repeat(10_000),
    '['.repeat(30_000),
    '[a]('.repeat(7_500),
    '`'.repeat(30_000),
    '_a '.repeat(10_000),
    '<a@'.repeat(10_000),
    `# ${' '.repeat(29_990)}x`,
  ]) {
    const began = performance.now();
    plainTextOf(text);
    const millis = performance.now() - began;
    assert.ok(millis < 5_000, `${text.slice(0, 6)} ${millis}`);
  }
});

test('given a letter without words or files, or with a title over several lines, when its mail is written, then nothing is there that nobody wrote', () => {
  const filesUntil = new Date('2026-12-01T12:00:00Z');
  const plain = { language: 'nb', title: 'Vedtak', body: 'Hei', words: null, files: [], filesUntil };
  assert.deepEqual(writeForwardedMail(plain), { subject: 'Vedtak', body: 'Hei' });
  assert.deepEqual(writeForwardedMail({ ...plain, title: 'Vedtak\r\nBcc: alle@x.example', words: '  ' }), {
    subject: 'Vedtak Bcc: alle@x.example',
    body: 'Hei',
  });
  const { body } = writeForwardedMail({
    ...plain,
    language: 'EN',
    files: [
      { fileName: 'a.pdf', address: 'https://x/1' },
      { fileName: 'b.pdf', address: 'https://x/2' },
    ],
  });
  assert.equal(
    body,
    'Hei\n\n---\n\nAttachments. The links can be opened a few times, until 1 December 2026:\n\na.pdf\nhttps://x/1\n\nb.pdf\nhttps://x/2',
  );
});
