import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { awaitAnswers, type ContactRegister, createKrr } from '#contacts/index.ts';
import { contactInvariants } from '#contacts/invariants.ts';
import { contactSweepers } from '#contacts/jobs.ts';
import { QuestionRefused } from '#contacts/krr/port.ts';
import { sql } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { contactPoints, findParty } from '#register/index.ts';
import { onPeopleToTell } from '#watch/index.ts';
import { Town } from '#watch/testing/town.ts';
import { openSandbox } from '../testing/open-sandbox.ts';

/** The sandbox whose town the register speaks of, and another installation that asks it. */
const sandbox = await openSandbox();
const town = await Town.open();
const resource = await town.resource(['self']);
onPeopleToTell.fill(awaitAnswers);
after(() => onPeopleToTell.fill(async () => new Map()));

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = (key: typeof publicKey) => key.export({ type: key.type === 'public' ? 'spki' : 'pkcs8', format: 'pem' }).toString();
const client = { audience: 'https://test.maskinporten.no/', clientId: 'etaten', keyId: 'k1', key: pem(privateKey), timeoutMillis: 2000 };
const krr = createKrr({ ...client, url: `${sandbox.url}/krr`, tokenUrl: `${sandbox.url}/maskinporten/token` });
const seed = async (parties: readonly object[]) => {
  const answer = await sandbox.post('/budstikke/v1/sandbox/seed', {
    version: 1,
    parties: [{ kind: 'organization', number: '991825827', name: 'Etaten' }, ...parties],
    clients: [
      {
        clientId: 'etaten',
        organization: '991825827',
        keyId: 'k1',
        publicKeyPem: pem(publicKey),
        scopes: ['krr:global/kontaktinformasjon.read'],
      },
    ],
  });
  assert.equal(answer.status, 200, await answer.clone().text());
};
await seed([]);

const [askSweeper] = contactSweepers;
/** What workers do of this, and how often the register was asked. */
async function ask(register: ContactRegister = krr): Promise<number[]> {
  const asked: number[] = [];
  const counting: ContactRegister = {
    ask: (numbers) => {
      asked.push(numbers.length);
      return register.ask(numbers);
    },
  };
  await askSweeper!.run({ ...town.ctx, contactRegister: counting } as never);
  return asked;
}

/** A person here, of whom the register's own town says more. */
async function citizen(says: object | null): Promise<{ id: PartyId; number: string }> {
  const id = await town.person('Innbygger', null);
  const { number } = (await findParty(town.db, id))!;
  if (says) await seed([{ kind: 'person', number, name: 'Innbygger', ...says }]);
  return { id, number: number! };
}
const email = (address: string, verified?: string) => ({ channel: 'email', address, ...(verified ? { verified } : {}) });
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
const question = (id: PartyId) =>
  town.db.maybe<{ tries: number; trouble: string | null; isOpen: boolean }>(
    sql`select tries, trouble, due_at is not null as "isOpen" from contacts.krr_question where party_id = ${id}`,
  );

test('given a person of whom nothing is known, when post comes, then its notice waits for the register’s answer and goes to the address there', async () => {
  const { id } = await citizen({
    language: 'nn',
    contactPoints: [email('kari@krr.example', daysAgo(100)), { channel: 'sms', address: '+4790000009' }],
  });
  const letter = await town.sent(id, resource);
  await town.work();
  assert.deepEqual(await town.notices(letter), []);
  assert.equal((await town.watch(letter)).cause, 'waiting');
  await town.invariantsHold();

  assert.deepEqual(await ask(), [1]);
  await town.advance(6);
  await town.work();

  assert.deepEqual(await town.notices(letter), ['Innbygger new-mail email due']);
  assert.equal((await findParty(town.db, id))!.language, 'nn');
  assert.deepEqual((await contactPoints(town.db, [id])).get(id), [
    { channel: 'email', address: 'kari@krr.example' },
    { channel: 'sms', address: '+4790000009' },
  ]);
});

test('given an answer of the last twelve hours, when more post comes, then nobody is asked again; later the register is', async () => {
  const { id } = await citizen({ contactPoints: [email('ola@krr.example')] });
  await town.sent(id, resource);
  await town.work();
  await ask();
  const second = await town.sent(id, resource);
  await town.advance(6);
  await town.work();
  assert.deepEqual(await ask(), []);
  assert.equal((await town.notices(second)).length, 1);
  await town.advance(13 * 3600);
  const third = await town.sent(id, resource);
  await town.work();
  assert.equal((await town.notices(third)).length, 0);
  assert.deepEqual(await ask(), [1]);
});

test('given people who said no, have an old address, or are unknown there, when asked about, then they are reserved, stale, or without any', async () => {
  const reserved = await citizen({ reserved: true, contactPoints: [email('rita@krr.example')] });
  const old = await citizen({ contactPoints: [email('eva@krr.example', daysAgo(600))] });
  const unknown = await citizen(null);
  const letters = [];
  for (const { id } of [reserved, old, unknown]) letters.push(await town.sent(id, resource));
  await town.work();
  assert.deepEqual(await ask(), [3], 'in one question');
  await town.advance(6);
  await town.work();
  assert.equal((await findParty(town.db, reserved.id))!.reserved, true);
  const reasons = await Promise.all(
    letters.slice(1).map(async (each) => (await town.watch(each)).steps.find(({ name }) => name === 'notify')!.reason),
  );
  assert.deepEqual(reasons, ['no-contact-point', 'no-contact-point']);
  const rows = await town.db.all<{ n: number | null }>(sql`
    select (core::jsonb ->> 'staleAddresses')::integer as n from evidence.evidence
     where about = ${letters[1]!.about} and core::jsonb ->> 'reason' like '%no-contact-point'`);
  assert.deepEqual(rows, [{ n: 1 }], 'the sender is told that there is one, and that it is too old');
});

test('given a register that is down, when post comes, then it waits, the trouble is seen, nothing is lost, and it goes when the register is back', async () => {
  const { id } = await citizen({ contactPoints: [email('nina@krr.example')] });
  const letter = await town.sent(id, resource);
  await town.work();
  const down: ContactRegister = { ask: () => Promise.reject(new Error('it answered 503')) };
  for (let i = 0; i < 5; i++) {
    await ask(down);
    await town.advance(900);
    await town.work();
    assert.deepEqual(await town.notices(letter), []);
  }
  assert.deepEqual({ ...(await question(id)) }, { tries: 5, trouble: 'it answered 503', isOpen: true });
  assert.equal((await town.db.all(contactInvariants[0]!.find)).length, 1);
  await ask();
  assert.deepEqual({ ...(await question(id)) }, { tries: 0, trouble: null, isOpen: false });
  assert.deepEqual(await town.db.all(contactInvariants[0]!.find), []);
  await town.advance(1800);
  await town.work();
  assert.deepEqual(await town.notices(letter), ['Innbygger new-mail email due']);
});

test('given a register that has been down for a day, when a step comes again, then it goes by what is known, and the register is still asked', async () => {
  const id = await town.person('Kjent', 'kjent@example.no');
  const letter = await town.sent(id, resource);
  await town.work();
  const down: ContactRegister = { ask: () => Promise.reject(new Error('it answered 503')) };
  for (let i = 0; i < 3; i++) {
    await ask(down);
    await town.advance(9 * 3600);
    await town.work();
  }
  assert.deepEqual(await town.notices(letter), ['Kjent new-mail email due']);
  assert.equal((await question(id))!.isOpen, true);
  await ask();
});

test('given persons whom the register leaves out of its answer, when it has answered, then what stands here stands and it is asked about them again', async () => {
  const id = await town.person('Reservert her', 'her@example.no', { reserved: true });
  const there = await citizen({ contactPoints: [email('der@krr.example')] });
  for (const each of [id, there.id]) await town.sent(each, resource);
  await town.work();
  await ask({ ask: async (numbers) => krr.ask(numbers.filter((number) => number === there.number)) });
  assert.equal((await findParty(town.db, id))!.reserved, true);
  assert.deepEqual((await contactPoints(town.db, [id])).get(id), [{ channel: 'email', address: 'her@example.no' }]);
  assert.deepEqual({ ...(await question(id)) }, { tries: 1, trouble: 'it was left out of the answer', isOpen: true });
  assert.deepEqual(
    [(await question(there.id))!.isOpen, (await contactPoints(town.db, [there.id])).get(there.id)![0]!.address],
    [false, 'der@krr.example'],
  );

  await town.advance(11);
  assert.deepEqual(await ask(), [1]);

  assert.equal((await contactPoints(town.db, [id])).get(id), undefined, 'now it has said that it does not know them');
  assert.equal((await question(id))!.isOpen, false);
});

test('given one number that the register will not be asked about, when many are asked about, then the others are answered and that one keeps what it has', async () => {
  const bad = await town.person('Avvist', 'avvist@example.no');
  const { number } = (await findParty(town.db, bad))!;
  const good = [];
  for (let i = 0; i < 6; i++) good.push(await citizen({ contactPoints: [email(`god${i}@krr.example`)] }));
  for (const each of [bad, ...good.map(({ id }) => id)]) await town.sent(each, resource);
  await town.work();
  const logged: unknown[][] = [];
  const log = { ...town.ctx.log, error: (...words: unknown[]) => void logged.push(words) };
  const picky: ContactRegister = {
    ask: async (numbers) => {
      if (numbers.includes(number!)) throw new QuestionRefused('it answered 400');
      return krr.ask(numbers);
    },
  };

  await askSweeper!.run({ ...town.ctx, log, contactRegister: picky } as never);

  const points = await contactPoints(
    town.db,
    good.map(({ id }) => id),
  );
  assert.equal(points.size, 6);
  assert.deepEqual((await contactPoints(town.db, [bad])).get(bad), [{ channel: 'email', address: 'avvist@example.no' }]);
  assert.deepEqual({ ...(await question(bad)) }, { tries: 0, trouble: 'it refuses the question', isOpen: false });
  assert.deepEqual(
    logged.map(([what]) => what),
    [{ party: bad }],
  );
  assert.doesNotMatch(JSON.stringify(logged), /\d{11}/);
});

test('given a register that refuses whatever it is asked, when there are more than ten, then it counts as down and every question stays', async () => {
  const persons = [];
  for (let i = 0; i < 11; i++) persons.push(await citizen(null));
  for (const { id } of persons) await town.sent(id, resource);
  await town.work();
  const refusing: ContactRegister = { ask: () => Promise.reject(new QuestionRefused('it answered 400')) };
  const asked = await ask(refusing);
  assert.ok(asked.length <= 30, `${asked.length} questions`);
  for (const { id } of persons) assert.deepEqual({ ...(await question(id)) }, { tries: 1, trouble: 'it answered 400', isOpen: true });
  await town.advance(11);
  await ask();
  for (const { id } of persons) assert.equal((await question(id))!.isOpen, false);
});

test('given two workers, when both ask, then each person is asked about once', async () => {
  for (let i = 0; i < 4; i++) await town.sent((await citizen(null)).id, resource);
  await town.work();
  const both = await Promise.all([ask(), ask()]);
  assert.equal(
    both.flat().reduce((sum, n) => sum + n, 0),
    4,
  );
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('given a register that refuses a token, answers nonsense or not at all, when asked, then a token is fetched anew once and else it is an error without numbers', async () => {
  const seen: string[] = [];
  let answer: (n: number) => { status: number; body?: string } | undefined = () => ({ status: 200, body: '{"personer":[]}' });
  const url = await serve((request, response) => {
    seen.push(request.headers.authorization!);
    const says = answer(seen.length);
    if (says) response.writeHead(says.status, { 'content-type': 'application/json' }).end(says.body ?? '');
  });
  const register = createKrr({ ...client, url, tokenUrl: `${sandbox.url}/maskinporten/token`, timeoutMillis: 300 });
  await register.ask(['14886498226']);
  await register.ask(['14886498226']);
  assert.equal(seen[0], seen[1], 'a token is kept');
  answer = (n) => (n === 3 ? { status: 401 } : { status: 200, body: '{"personer":[]}' });
  await register.ask(['14886498226']);
  assert.equal(seen.length, 4);
  assert.notEqual(seen[3], seen[2]);
  for (const [says, error] of [
    [{ status: 401 }, /401/],
    [{ status: 400 }, /400/],
    [{ status: 500 }, /500/],
    [{ status: 302 }, /302/],
    [{ status: 200, body: 'null' }, /shape/],
    [{ status: 200, body: '{"personer":[{"reservasjon":"JA"}]}' }, /shape/],
    [undefined, /timeout|aborted/i],
  ] as const) {
    answer = () => says;
    await assert.rejects(register.ask(['14886498226']), (thrown: Error) => {
      assert.equal(thrown instanceof QuestionRefused, says?.status === 400);
      return error.test(thrown.message) && !/\d{11}/.test(thrown.message);
    });
  }
  await assert.rejects(register.ask(Array.from({ length: 1001 }, () => newId())), /1000/);
  const keyless = createKrr({ ...client, clientId: 'ukjent', url, tokenUrl: `${sandbox.url}/maskinporten/token` });
  await assert.rejects(keyless.ask(['14886498226']), /no token: 400 invalid_client/);
});

test('given a caller without the register’s scope, when it asks, then it is refused', async () => {
  const answer = await fetch(`${sandbox.url}/krr/rest/v2/personer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ personidentifikatorer: ['14886498226'] }),
  });
  assert.equal(answer.status, 401);
  assert.deepEqual(sandbox.lies, []);
});
