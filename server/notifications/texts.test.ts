import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NoticeValues, purposes, renderText, texts } from './texts.ts';

const values: NoticeValues = {
  senderName: 'Sør-Øst politidistrikt',
  recipientName: 'Skien kommune',
  confidential: true,
  dueAt: new Date('2026-12-01T22:59:00Z'),
  inboxAddress: 'https://post.example.no/inbox',
  consoleAddress: 'https://post.example.no/console',
  count: 3,
  grantNeeded: 2,
  noOpener: 4,
  failed: 1,
};
const languages = ['nb', 'nn', 'en'] as const;

/** Every text by its path, with the blanks that it has. */
function blanks(tree: object, path = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === 'string'
        ? [[`${path}${key}`, [...new Set(value.match(/\{\w+\}/g))].sort().join(' ')]]
        : Object.entries(blanks(value as object, `${path}${key}.`)),
    ),
  );
}

test('given three languages, when their texts are compared, then each has the same keys and the same blanks', () => {
  assert.deepEqual(blanks(texts.nn), blanks(texts.nb));
  assert.deepEqual(blanks(texts.en), blanks(texts.nb));
});

for (const purpose of purposes) {
  test(`given a notice for ${purpose}, when written in each language, then every blank is filled and English is not Norwegian`, () => {
    for (const part of ['emailSubject', 'emailBody', 'sms'] as const) {
      const written = languages.map((language) => renderText(purpose, part, language, values));
      for (const text of written) assert.doesNotMatch(text, /[{}]|undefined|null|NaN| {2}/);
      assert.ok(!written.slice(0, 2).includes(written[2]!), `${purpose} ${part}`);
    }
  });
}

test('given a reminder with a due date, when written, then it says the day in Norway, and nothing of a day when there is none', () => {
  assert.match(renderText('reminder', 'sms', 'nb', values), /som ingen har åpnet\. Frist 1\. desember 2026\. Logg inn/);
  assert.match(renderText('reminder', 'sms', 'nb', { ...values, dueAt: new Date('2026-12-01T23:00:00Z') }), /Frist 2\. desember 2026/);
  assert.match(renderText('reminder', 'sms', 'nn', { ...values, dueAt: null }), /som ingen har opna\. Logg inn/);
});

test('given one unread message and many, when the sender is told, then the number agrees', () => {
  assert.equal(
    renderText('sender-unread', 'emailSubject', 'nb', { ...values, count: 1 }),
    '1 melding fra Sør-Øst politidistrikt er ikke åpnet eller bekreftet',
  );
  assert.match(
    renderText('sender-unread', 'emailBody', 'nb', values),
    /^3 meldinger fra Sør-Øst politidistrikt er ikke åpnet eller bekreftet\. 0 er åpnet og venter på bekreftelse, 2 venter på at noen gir tilgang, 4 kan ingen åpne, 1 varsel kom ikke fram\. .*console$/,
  );
});

const toDecide = {
  nb: [/send den på nytt/, /et annet sted|innholdet fra før/, /trekk den tilbake/, /godta at/],
  nn: [/send henne på nytt/, /ein annan stad|innhaldet frå før/, /trekk henne tilbake/, /godta at/],
  en: [/send it again/, /read elsewhere|its content already/, /recall it/, /accept that/],
};

test('given one message or file that waits for a decision, when its sender is told, then every decision that there is is named, and nothing speaks of several', () => {
  for (const language of languages)
    for (const purpose of ['sender-decision', 'files-decision', 'sender-expiring', 'files-expiring'] as const) {
      const body = renderText(purpose, 'emailBody', language, { ...values, count: 1, failed: 1 });
      for (const decision of toDecide[language]) assert.match(body, decision, `${purpose} ${language}`);
      const all = body + renderText(purpose, 'sms', language, { ...values, count: 1 });
      assert.doesNotMatch(all, /\b(dem|dei|them|they|ulesne)\b|1 varsler|1 notices/, `${purpose} ${language}`);
    }
});

test('given a file that was stopped after its recipient had heard of it, when its sender is told, then nothing says that the recipient has not', () => {
  for (const language of languages)
    assert.doesNotMatch(
      renderText('files-failed', 'emailBody', language, { ...values, count: 1 }),
      /ikke varslet|ikkje varsla|not been notified/,
    );
});

test('given post that is not confidential, when those who can grant are told, then it is not called confidential', () => {
  assert.match(renderText('sealed', 'sms', 'nb', values), /taushetsbelagt post/);
  assert.match(renderText('sealed', 'sms', 'nb', { ...values, confidential: false }), /Det har kommet post til Skien kommune/);
});

test('given letters that came back on paper, when their sender is told, then so many recipients are named as are given, and the others are counted', () => {
  const said = (language: 'nb' | 'nn' | 'en', count: number, ...recipients: string[]) =>
    /(Det gje?lde?r? post|It is about post)[^.]*\./.exec(
      renderText('paper-returned', 'emailBody', language, { ...values, count, recipients }),
    )?.[0];
  assert.equal(said('nb', 1), undefined);
  assert.equal(said('nb', 1, 'Ola'), 'Det gjelder post til Ola.');
  assert.equal(said('nb', 3, 'Ola', 'Kari', 'Ola'), 'Det gjelder post til Ola og Kari.');
  assert.equal(said('nn', 4, 'Ola', 'Kari', 'Per'), 'Det gjeld post til Ola, Kari, Per og 1 til.');
  assert.equal(said('en', 9, 'Ola', 'Kari', 'Per'), 'It is about post to Ola, Kari, Per and 6 more.');
});
