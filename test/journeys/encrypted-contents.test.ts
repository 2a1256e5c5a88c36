import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createDatabase, type Database } from '#db/index.ts';
import { sql } from '#kernel/database.ts';
import { until } from '../../demo/wait.ts';
import { startCommand } from '../process.ts';
import { makeScratchDirectory } from '../scratch.ts';
import { type OwnServer, startOwnServer } from '../wire/server.ts';
import { api, type Callers, callersOf, citizenUrn, people, resources, town } from '../wire/town.ts';

/** What letters say, on a running server that keeps it encrypted: read as ever by those who may, and nowhere in the database. */
const folder = makeScratchDirectory();
const keys = join(folder, 'keys');
const [old, fresh] = ['old', 'fresh'].map((id) => `${id} ${randomBytes(32).toString('base64')}\n`) as [string, string];
const environment: Record<string, string> = {};
let server: OwnServer;
let callers: Callers;
let db: Database;

before(async () => {
  server = await startOwnServer('encrypted', town, 'clone', environment);
  callers = await callersOf(server.client);
  db = createDatabase({ url: server.databaseUrl!, maxConnections: 2, applicationName: 'budstikke test' });
});
after(async () => {
  await db?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Words that stand nowhere else, each said in one place. */
const said = {
  body: 'kvernfossbakken',
  summary: 'sagmuggplassen',
  link: 'https://svar.example/tjærebredvika',
  linkText: 'lauvtrebrygga',
  email: 'notvarpholmen',
  emailSubject: 'fiskebrygga',
  sms: 'tangsteinura',
  reminder: 'heimvegskaret',
  forwarded: 'myrullfloene',
  mailing: 'skarvesteinen',
  field: 'bregneskogen',
  translatedTitle: 'rimfrostlia',
  translatedSummary: 'vintereika',
  translatedBody: 'nordlysmyra',
  translatedMailing: 'havsulegrunnen',
} as const;

const translation = {
  language: 'en',
  messageTitle: said.translatedTitle,
  messageSummary: said.translatedSummary,
  messageBody: `Hello from **${said.translatedBody}**.`,
};

async function send(title: string, more: { content?: object; correspondence?: object } = {}): Promise<string> {
  const sent = await callers.directorate.post(`${api}/correspondence`, {
    correspondence: {
      resourceId: resources.letters,
      sendersReference: title,
      content: { language: 'nb', messageTitle: title, messageBody: 'Hei.', ...more.content },
      ...more.correspondence,
    },
    recipients: [citizenUrn],
  });
  assert.equal(sent.status, 200, sent.text);
  return sent.json<{ correspondences: { correspondenceId: string }[] }>().correspondences[0]!.correspondenceId;
}

const read = (id: string) => callers.citizen.get(`${api}/correspondence/${id}/content`);
const translationsOf = async (id: string) => {
  const answer = await callers.citizen.get(`/budstikke/v1/correspondence/${id}/translations`);
  return answer.json<{ translations: (typeof translation)[] }>().translations;
};
const advance = async (by: string): Promise<void> => {
  const answer = await server.client.post('/budstikke/v1/sandbox/clock', { advance: by });
  assert.equal(answer.status, 200, answer.text);
};

async function restart(content: string | undefined): Promise<void> {
  await server.process().stop();
  if (content === undefined) delete environment.BUDSTIKKE_ENCRYPTION_KEYS;
  else {
    writeFileSync(keys, content);
    environment.BUDSTIKKE_ENCRYPTION_KEYS = keys;
  }
  await server.restart();
}

/** The tables in whose rows one of these words stands, as text or as bytes, whole or as a word of an index. */
async function tablesWith(words: readonly string[]): Promise<string[]> {
  const tables = await db.all<{ name: string }>(sql`
    select format('%I.%I', n.nspname, c.relname) as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema') order by 1`);
  const forms = words.flatMap((word) => [
    word,
    word.slice(0, -3),
    Buffer.from(word).toString('hex'),
    Buffer.from(word).toString('base64').slice(0, -4),
  ]);
  const found: string[] = [];
  for (const { name } of tables) {
    const { text, values } =
      sql`select count(*)::integer as n from ${{ text: name, values: [] }} t where lower(t::text) like any(${forms.map((form) => `%${form.toLowerCase()}%`)}::text[])`;
    const { n } = await db.one<{ n: number }>({ text, values });
    if (n > 0) found.push(name);
  }
  return found;
}

const foundBy = async (word: string): Promise<string[]> =>
  (await callers.citizen.get(`/budstikke/v1/inbox?q=${word}`)).json<{ items: { title: string }[] }>().items.map(({ title }) => title);

let plain: string;
let letter: string;

test('given a letter from before there were keys, when keys are given and others are sent, then all are read as ever, and nothing that the others say lies in any table', async () => {
  plain = await send('Før nøkler', { content: { messageBody: 'Fra rullesteinsfjæra.' } });
  await restart(old);

  letter = await send('Etter nøkler', {
    content: { messageSummary: said.summary, messageBody: `Hei fra **${said.body}**.`, translations: [translation] },
    correspondence: {
      allowForwarding: true,
      replyOptions: [{ linkURL: said.link, linkText: said.linkText }],
      notification: {
        notificationTemplate: 'CustomMessage',
        notificationChannel: 'EmailPreferred',
        emailSubject: said.emailSubject,
        emailBody: said.email,
        smsBody: said.sms,
        sendReminder: true,
        reminderEmailSubject: said.reminder,
        reminderEmailBody: said.reminder,
        reminderSmsBody: said.reminder,
      },
    },
  });
  assert.deepEqual(await tablesWith([said.email, said.emailSubject, said.sms, said.reminder]), []);
  await advance('PT10M');
  await until('the notice', async () =>
    assert.ok(
      server.mails.mails.some(({ subject, text }) => subject === said.emailSubject && text.includes(said.email)),
      JSON.stringify(server.mails.mails),
    ),
  );

  const begun = await callers.directorate.post('/budstikke/v1/mailings', {
    idempotencyKey: randomUUID(),
    correspondence: {
      resourceId: resources.letters,
      sendersReference: 'til-mange',
      content: {
        language: 'nb',
        messageTitle: 'Til mange',
        messageBody: `${said.mailing}: {{sted}}`,
        translations: [{ language: 'nn', messageTitle: 'Til mange', messageBody: `${said.translatedMailing}: {{sted}}` }],
      },
    },
  });
  const mailing = begun.json<{ mailingId: string }>().mailingId;
  const line = JSON.stringify({ recipient: people.citizen, sendersReference: 'din', fields: { sted: said.field } });
  const path = `/budstikke/v1/mailings/${mailing}`;
  assert.equal(
    (await callers.directorate.post(`${path}/recipients?from=1`, { mediaType: 'application/x-ndjson', bytes: Buffer.from(`${line}\n`) }))
      .status,
    200,
  );
  assert.deepEqual(await tablesWith([said.mailing, said.field]), [], 'what waits to be sent');
  assert.deepEqual((await callers.directorate.get(`${path}/letter`)).json<{ translations: object[] }>().translations, [
    { language: 'nn', title: 'Til mange', body: `${said.translatedMailing}: {{sted}}` },
  ]);
  assert.equal((await callers.directorate.post(`${path}/release`, {})).status, 200);
  const messages = async () =>
    (await callers.directorate.get(`${path}/messages`)).json<{ messages: { correspondenceId: string }[] }>().messages;
  await until('the mailing to be sent', async () => assert.equal((await messages()).length, 1));
  const ofMany = (await messages())[0]!.correspondenceId;

  assert.equal((await read(plain)).text, 'Fra rullesteinsfjæra.');
  assert.match((await read(letter)).text, new RegExp(`Hei fra \\*\\*${said.body}\\*\\*`));
  assert.match((await read(ofMany)).text, new RegExp(`${said.mailing}: ${said.field}`));
  assert.deepEqual(await translationsOf(letter), [translation]);
  assert.deepEqual(
    (await translationsOf(ofMany)).map(({ messageBody }) => messageBody),
    [`${said.translatedMailing}: ${said.field}`],
  );
  const shown = (await callers.citizen.get(`${api}/correspondence/${letter}`)).json<{
    content: { messageSummary: string };
    replyOptions: object[];
  }>();
  assert.equal(shown.content.messageSummary, said.summary);
  assert.deepEqual(shown.replyOptions, [{ linkURL: said.link, linkText: said.linkText }]);
  assert.equal(
    (await callers.directorate.get(`${api}/correspondence/${ofMany}`)).json<{ sendersReference: string }>().sendersReference,
    'din',
  );
  const forwarded = await callers.citizen.post(`${api}/correspondence/${letter}/forward`, {
    forwardTo: 'regnskap@kontor.example',
    forwardingText: said.forwarded,
  });
  assert.equal(forwarded.status, 200, forwarded.text);
  assert.deepEqual(await tablesWith([said.forwarded]), []);
  await advance('PT1M');
  const mail = server.mails.mails.find((one) => one.to.includes('regnskap@kontor.example'));
  assert.ok(mail?.text.includes(said.forwarded) && mail.text.includes(said.body), mail?.text);

  assert.deepEqual(await tablesWith(Object.values(said)), []);
  assert.deepEqual(
    await tablesWith(['rullesteinsfjæra']),
    ['correspondence.submission', 'inbox.words'],
    'the search itself finds what is there',
  );
});

test('given letters in the clear and encrypted ones, when the inbox is searched, then the ones are found by their bodies and all by their titles', async () => {
  await until('the inbox to follow', async () => assert.deepEqual(await foundBy('etter'), ['Etter nøkler']));

  assert.deepEqual(await foundBy('rullesteinsfjæra'), ['Før nøkler']);
  assert.deepEqual([await foundBy(said.body), await foundBy(said.summary)], [[], []]);
});

test('given encrypted letters, when they are counted for statistics, then they are as long as what they say', async () => {
  const { bytes } = await db.one<{ bytes: number }>(
    sql`select content_bytes as bytes from correspondence.counted_message where id = ${letter}`,
  );

  const { language, messageTitle: title, messageSummary: summary, messageBody: body } = translation;
  const kept = JSON.stringify([{ language, title, summary, body }]);
  assert.equal(bytes, Buffer.byteLength(`Etter nøkler${said.summary}Hei fra **${said.body}**.${kept}`));
});

test('given a body that was changed in its row, or brought from another, when it is read, then nothing of it is handed out and nobody else is held up', async () => {
  const other = await send('Et annet', { content: { messageBody: 'Noe annet.' } });
  const bodyOf = (id: string) =>
    sql`(select encrypted_body from correspondence.submission where id = (select submission_id from correspondence.message where id = ${id}))`;
  const put = (id: string, bytes: { text: string; values: readonly unknown[] }) =>
    db.transaction((tx) =>
      tx.run(
        sql`update correspondence.submission set encrypted_body = ${bytes} where id = (select submission_id from correspondence.message where id = ${id})`,
      ),
    );
  const whole = await db.one<{ bytes: Buffer }>(sql`select ${bodyOf(letter)} as bytes`);

  for (const bytes of [bodyOf(other), sql`set_byte(${bodyOf(letter)}, 40, get_byte(${bodyOf(letter)}, 40) # 1)`]) {
    await put(letter, bytes);
    const answer = await read(letter);
    assert.equal(answer.status, 500);
    assert.doesNotMatch(answer.text, /Hei|Noe|body|submission/);
    await put(letter, sql`${whole.bytes}::bytea`);
  }
  assert.equal((await read(other)).text, 'Noe annet.');
  assert.equal((await read(letter)).status, 200);
  assert.doesNotMatch(readFileSync(server.process().folder.log, 'utf8'), new RegExp(Object.values(said).join('|')));
});

test('given a new key before the old one, when keys are rotated, then the old one may go, what was sent is read, and a server without either does not start', async () => {
  await server.process().stop();
  writeFileSync(keys, fresh + old);
  const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
  const run = async (args: readonly string[], env: Readonly<Record<string, string>>) => {
    const data = { BUDSTIKKE_DATABASE_URL: server.databaseUrl!, BUDSTIKKE_DATA_DIR: join(folder, 'data'), BUDSTIKKE_LOG_LEVEL: 'error' };
    const started = startCommand(process.execPath, [main, ...args], { env: { ...data, ...env } });
    return { code: await started.ended, said: started.said() };
  };
  const rotated = await run(['keys-rotate'], { BUDSTIKKE_ENCRYPTION_KEYS: keys });
  assert.equal(rotated.code, 0, rotated.said);
  assert.match(rotated.said, /wrapped anew, by "fresh"\.\nNothing needs old any more/);

  const without = await run([], {});
  assert.equal(without.code, 1);
  assert.match(without.said, /encrypted by the key "fresh", and BUDSTIKKE_ENCRYPTION_KEYS is not set/);

  await restart(fresh);
  assert.match((await read(letter)).text, new RegExp(said.body));
  assert.deepEqual(await tablesWith(Object.values(said)), []);
});
