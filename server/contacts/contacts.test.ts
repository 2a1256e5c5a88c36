import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createHttp } from '#http/index.ts';
import type { Caller } from '#kernel/context.ts';
import { anonymous } from '#kernel/context.ts';
import { sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { silentLog } from '#kernel/log.ts';
import { contactPoints, type Party, quietHoursOf, saveContactPoints } from '#register/index.ts';
import { createWorld, personCaller } from '../../test/world.ts';
import { askStale } from './ask-stale.ts';
import { contactRoutes } from './routes.ts';
import type { ContactsContext } from './send-code.ts';
import { leavesRoom } from './set-quiet-hours.ts';
import { keptOrMissing } from './whose.ts';
import type { ContactAddress, ContactAddresses, Proof } from './wire.ts';

const world = await createWorld();
const ctx: ContactsContext = { ...world.ctx, addresses: { inbox: 'https://post.example.no', console: 'https://post.example.no' } };
const kari = await world.person('KARI NORDMANN', { email: 'kari@example.no' });
const ola = await world.person('OLA NORDMANN');
const skien = await world.organization('SKIEN KOMMUNE', { email: 'post@skien.example' });
const other = await world.organization('ET ANNET SELSKAP');
await world.role(kari, 'DAGL', skien);

const scopes = ['altinn:portal/enduser'];
const callers: Record<string, Caller> = {
  kari: personCaller(kari, scopes),
  weak: personCaller(kari, scopes, { authLevel: 2 }),
  ola: personCaller(ola, scopes),
  system: { ...personCaller(kari, scopes), kind: 'system-user' },
  reader: personCaller(kari, ['altinn:correspondence.read']),
};
const http = await createHttp({
  routes: contactRoutes,
  context: ctx,
  authenticate: async ({ authorization }) => callers[authorization ?? ''] ?? anonymous,
  blobs: {} as never,
  log: silentLog,
  checkAnswers: true,
  publicUrl: 'http://localhost',
});
const port = await http.listen(0, '127.0.0.1');
after(() => http.close(0));

interface Answer<T> {
  readonly status: number;
  readonly code: number | undefined;
  readonly body: T;
}

async function call<T>(by: string, method: string, path: string, body?: object): Promise<Answer<T>> {
  const response = await fetch(`http://127.0.0.1:${port}/budstikke/v1/contact-addresses${path}`, {
    method,
    headers: { authorization: by, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  const read = text === '' ? {} : JSON.parse(text);
  return { status: response.status, code: read.errorCode, body: read };
}
const show = async (party: Party, by = 'kari') => (await call<ContactAddresses>(by, 'GET', `?party=${party.id}`)).body;
const add = (by: string, wish: object) => call<Proof>(by, 'POST', '', { channel: 'email', ...wish });
const prove = (by: string, id: string, code: string) => call<ContactAddress>(by, 'POST', `/proofs/${id}`, { code });

/** The code as it went out, from the last notice that was planned for the address. */
async function codeAt(address: string): Promise<string> {
  const { body } = await world.db.one<{ body: string }>(
    sql`select body from notifications.notice where address = ${address} and purpose = 'prove-address' order by id desc limit 1`,
  );
  return /\d{6}/.exec(body)![0];
}
const points = async (party: Party) => ((await contactPoints(world.db, [party.id])).get(party.id) ?? []).map(({ address }) => address);
/** Real time that is over for every code that was sent. */
const forgetCodes = () => world.db.transaction((tx) => tx.run(sql`delete from contacts.proof`));

test('given an organization, when whoever administers access adds an address, then it counts once its code is typed in, and not before', async () => {
  const asked = await add('kari', { party: skien.id, address: ' varsel@skien.example ' });
  assert.equal(asked.status, 201);
  assert.deepEqual([asked.body.address, asked.body.confirms], ['varsel@skien.example', null]);
  assert.deepEqual(await points(skien), ['post@skien.example']);
  assert.deepEqual((await show(skien)).waiting, [asked.body]);

  const code = await codeAt('varsel@skien.example');
  const proved = await prove('kari', asked.body.id, `${code.slice(0, 3)} ${code.slice(3)}`);

  assert.equal(proved.status, 200);
  assert.deepEqual([proved.body.source, proved.body.stale, proved.body.at], ['own', false, null]);
  assert.deepEqual(await points(skien), ['post@skien.example', 'varsel@skien.example']);
  const { addresses, waiting } = await show(skien);
  assert.deepEqual(addresses.map(({ address, source }) => [address, source]).sort(), [
    ['post@skien.example', 'register'],
    ['varsel@skien.example', 'own'],
  ]);
  assert.deepEqual(waiting, []);
  assert.equal((await prove('kari', asked.body.id, code)).code, 9686, 'a code is good once');
});

test('given a code, when two type it at once, then the address is there once', async () => {
  const { body } = await add('kari', { party: kari.id, channel: 'sms', address: '900 00 123' });
  const code = await codeAt('+4790000123');
  const answers = await Promise.all([prove('kari', body.id, code), prove('kari', body.id, code)]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
  assert.deepEqual(await points(kari), ['kari@example.no', '+4790000123']);
});

test('given a code that is guessed, when five guesses were wrong, then the right one is no use any more', async () => {
  const { body } = await add('kari', { party: kari.id, address: 'gjett@example.no' });
  const code = await codeAt('gjett@example.no');
  const wrong = code === '000000' ? '000001' : '000000';
  for (let i = 0; i < 5; i++) assert.equal((await prove('kari', body.id, wrong)).code, 9685);
  assert.equal((await prove('kari', body.id, code)).code, 9686);
  assert.ok(!(await points(kari)).includes('gjett@example.no'));
});

test('given a code that is older than a quarter of an hour, when it is typed, then another must be asked for', async () => {
  const { body } = await add('kari', { party: kari.id, address: 'sent@example.no' });
  await world.db.transaction((tx) => tx.run(sql`update contacts.proof set expires_at = statement_timestamp() where id = ${body.id}`));
  assert.equal((await prove('kari', body.id, await codeAt('sent@example.no'))).code, 9686);
});

test('given an address of a stranger, when codes are asked for again and again, then it gets three in an hour, from whomever', async () => {
  await forgetCodes();
  const [mine, his] = [kari, ola].map((party) => ({ party: party.id, address: 'fremmed@example.no' }));
  assert.deepEqual(
    [(await add('kari', mine!)).status, (await add('ola', his!)).status, (await add('kari', mine!)).status],
    [201, 201, 201],
  );
  await world.nothingWritten(async () => assert.deepEqual((await add('ola', { ...his, address: 'Fremmed@example.no' })).code, 9684));
  for (let i = 0; i < 8; i++) assert.equal((await add('kari', { party: kari.id, address: `ny${i}@example.no` })).status, 201);
  assert.equal((await add('kari', { party: kari.id, address: 'elleve@example.no' })).code, 9684);
  await forgetCodes();
});

test('given forty wishes of a party at once, each to another address, when codes are asked for, then ten go', async () => {
  await forgetCodes();
  const wishes = Array.from({ length: 40 }, (_, i) => add('kari', { party: skien.id, address: `samtidig${i}@example.no` }));
  const answers = (await Promise.all(wishes)).map(({ status }) => status);
  assert.deepEqual([answers.filter((status) => status === 201).length, answers.filter((status) => status === 429).length], [10, 30]);
});

test('given whoever administers three organizations, when codes are asked for at once for all of them, then twenty go for that person', async () => {
  await forgetCodes();
  const kept = await Promise.all(['A AS', 'B AS', 'C AS'].map((name) => world.organization(name)));
  for (const each of kept) await world.role(kari, 'DAGL', each);
  const wishes = kept.flatMap(({ id }, k) =>
    Array.from({ length: 8 }, (_, i) => add('kari', { party: id, address: `n${k}${i}@example.no` })),
  );
  const answers = (await Promise.all(wishes)).map(({ status }) => status);
  assert.deepEqual([answers.filter((status) => status === 201).length, answers.filter((status) => status === 429).length], [20, 4]);
  assert.equal((await add('ola', { party: ola.id, address: 'ola2@example.no' })).status, 201, 'another person may');
});

test('given one mailbox in many spellings, when codes are asked for, then it gets three in an hour, and its neighbour its own', async () => {
  await forgetCodes();
  const ask = async (address: string) => (await add('kari', { party: kari.id, address })).status;
  const spellings = ['rolf@example.no', 'rolf+1@example.no', '"Rolf"@example.no', 'ROLF+post+2@example.no', '"rolf+3"@example.no'];
  const answers = await Promise.all(spellings.map(ask));
  assert.deepEqual([answers.filter((status) => status === 201).length, answers.filter((status) => status === 429).length], [3, 2]);
  assert.deepEqual([await ask('rolf+1@example.no'), await ask('rolfine@example.no')], [429, 201]);
  await forgetCodes();
});

test('given a code for an address that gave way to another meanwhile, when it is typed, then the other is not confirmed and nothing is written', async () => {
  await forgetCodes();
  const per = await world.person('PER BYTTER', { email: 'gammel@per.example' });
  callers.per = personCaller(per, scopes);
  const [stands] = (await show(per, 'per')).addresses;
  const { body } = await call<Proof>('per', 'POST', `/${stands!.id}/code`);
  const register = (address: string) =>
    world.db.transaction(async (tx) => saveContactPoints(tx, [{ party: per.id, points: [{ channel: 'email', address }] }]));
  await register('annen@per.example');
  assert.equal((await show(per, 'per')).addresses[0]!.id, stands!.id, 'in the same row');
  await world.nothingWritten(async () => assert.equal((await prove('per', body.id, await codeAt('gammel@per.example'))).code, 9686));
  await register('Gammel@per.example');
  assert.equal((await prove('per', body.id, await codeAt('gammel@per.example'))).status, 200);
});

test('given what somebody may not, when they try, then it is refused in the right words and nothing is written', async () => {
  await forgetCodes();
  const mine = (await show(kari)).addresses[0]!;
  const waiting = (await add('kari', { party: kari.id, address: 'min@example.no' })).body;
  const code = await codeAt('min@example.no');
  const night = { from: '22:00', to: '07:00' };
  const cases: [what: string, answer: () => Promise<Answer<unknown>>, code: number][] = [
    ['a stranger looks', () => call('ola', 'GET', `?party=${kari.id}`), 9681],
    ['a stranger looks at an organization', () => call('ola', 'GET', `?party=${skien.id}`), 9681],
    ['nobody knows the party', () => call('kari', 'GET', '?party=00000000-0000-7000-8000-000000000000'), 9681],
    ['a system looks', () => call('system', 'GET', `?party=${kari.id}`), 9680],
    ['a stranger adds', () => add('ola', { party: skien.id, address: 'a@b.no' }), 9681],
    ['a weak login adds', () => add('weak', { party: kari.id, address: 'a@b.no' }), 9689],
    ['no address', () => add('kari', { party: kari.id, address: 'a@b.no, c@d.no' }), 9682],
    ['no number', () => add('kari', { party: kari.id, channel: 'sms', address: '123' }), 9682],
    ['at an organization that is not theirs', () => add('kari', { party: kari.id, address: 'a@b.no', at: other.id }), 9691],
    ['at a person', () => add('kari', { party: kari.id, address: 'a@b.no', at: ola.id }), 9691],
    ['an organization at another', () => add('kari', { party: skien.id, address: 'a@b.no', at: skien.id }), 9691],
    ['a stranger types', () => prove('ola', waiting.id, code), 9683],
    ['nobody asked', () => prove('kari', mine.id, code), 9683],
    ['a weak login types', () => prove('weak', waiting.id, code), 9689],
    ['a stranger confirms', () => call('ola', 'POST', `/${mine.id}/code`), 9683],
    ['a stranger removes', () => call('ola', 'DELETE', `/${mine.id}`), 9683],
    ['nobody has it', () => call('kari', 'DELETE', `/${waiting.id}`), 9683],
    ['a weak login removes', () => call('weak', 'DELETE', `/${mine.id}`), 9689],
    ['a stranger is quiet', () => call('ola', 'PUT', '/quiet-hours', { party: kari.id, quietHours: night }), 9681],
    ['too quiet', () => call('kari', 'PUT', '/quiet-hours', { party: kari.id, quietHours: { from: '17:00', to: '10:00' } }), 9690],
    ['always quiet', () => call('kari', 'PUT', '/quiet-hours', { party: kari.id, quietHours: { from: '10:00', to: '10:00' } }), 9690],
  ];
  await world.nothingWritten(async () => {
    for (const [what, answer, wanted] of cases) assert.equal((await answer()).code, wanted, what);
    assert.equal((await call('reader', 'GET', `?party=${kari.id}`)).status, 403);
    assert.equal((await call('nobody', 'GET', `?party=${kari.id}`)).status, 401);
    assert.equal((await call('kari', 'PUT', '/quiet-hours', { party: kari.id, quietHours: { from: '25:00', to: '7' } })).status, 400);
    assert.equal((await add('kari', { party: kari.id, address: 'a@b.no', channel: 'letter' })).status, 400);
  });
});

test('given an organization with one address, when it is taken away, then it stays; a person may have none', async () => {
  const lone = await world.organization('EN ADRESSE AS', { email: 'eneste@lone.example' });
  await world.role(kari, 'DAGL', lone);
  const { id } = (await show(lone)).addresses[0]!;
  await world.nothingWritten(async () => assert.equal((await call('kari', 'DELETE', `/${id}`)).code, 9687));
  const { addresses } = await show(kari);
  for (const each of addresses) assert.equal((await call('kari', 'DELETE', `/${each.id}`)).status, 204);
  assert.deepEqual(await points(kari), []);
});

test('given a party with fifty addresses, when another is added, then it is refused and nothing is written', async () => {
  const many = await world.organization('MANGE ADRESSER AS');
  await world.role(kari, 'DAGL', many);
  const points = Array.from({ length: 50 }, (_, i) => ({ channel: 'email' as const, address: `nr${i}@mange.example` }));
  await world.db.transaction(async (tx) => saveContactPoints(tx, [{ party: many.id, points }]));
  await world.nothingWritten(async () => assert.equal((await add('kari', { party: many.id, address: 'nr51@mange.example' })).code, 9692));
});

test('given what the Contact and Reservation Register says, when it is to be changed here, then it is refused', async () => {
  await world.db.transaction(async (tx) =>
    saveContactPoints(tx, [{ party: ola.id, points: [{ channel: 'email', address: 'ola@example.no' }] }], 'krr'),
  );
  const { id, source } = (await show(ola, 'ola')).addresses[0]!;
  assert.equal(source, 'krr');
  await world.nothingWritten(async () => {
    assert.equal((await call('ola', 'DELETE', `/${id}`)).code, 9688);
    assert.equal((await call('ola', 'POST', `/${id}/code`)).code, 9688);
  });
});

test('given quiet hours, when they are set and taken away, then they are shown as they stand', async () => {
  const set = (quietHours: object | null) => call<ContactAddresses>('kari', 'PUT', '/quiet-hours', { party: skien.id, quietHours });
  assert.deepEqual((await set({ from: '21:30', to: '07:05' })).body.quietHours, { from: '21:30', to: '07:05' });
  assert.deepEqual((await quietHoursOf(world.db, [skien.id])).get(skien.id), { from: 1290, to: 425 });
  assert.equal((await set(null)).body.quietHours, null);
  assert.equal((await show(skien)).quietHours, null);
});

test('given all quiet hours there could be, when they are allowed, then an hour of SMS and a third of the day are always left', () => {
  for (let from = 0; from < 1440; from += 30)
    for (let to = 0; to < 1440; to += 30) {
      const isQuiet = (minute: number) => (from < to ? minute >= from && minute < to : minute >= from || minute < to);
      const open = Array.from({ length: 48 }, (_, i) => i * 30).filter((minute) => !isQuiet(minute));
      const sms = open.filter((minute) => minute >= 540 && minute < 1020);
      assert.equal(leavesRoom({ from, to }), from !== to && open.length >= 16 && sms.length >= 4, `${from} ${to}`);
    }
});

test('given addresses that nobody has confirmed for 18 months, when they are read, then a person’s counts as none and is shown as stale, an organization’s is used', async () => {
  const eva = await world.person('EVA GAMMEL', { email: 'eva@example.no' });
  callers.eva = personCaller(eva, scopes);
  await world.advance(516 * 86_400);
  assert.equal(await askStale(ctx), 0, 'not yet');
  await world.advance(10 * 86_400);
  assert.ok((await askStale(ctx)) >= 2);
  assert.deepEqual(await points(eva), ['eva@example.no'], 'asked in good time');
  const asked = await world.db.all<{ n: number }>(
    sql`select count(*)::integer as n from notifications.notice where purpose = 'stale-address' and address = 'eva@example.no'`,
  );
  assert.equal(asked[0]!.n, 1);
  assert.equal(await askStale(ctx), 0, 'nobody is asked again at once');

  await world.advance(40 * 86_400);

  assert.deepEqual(await points(eva), []);
  assert.ok((await points(skien)).includes('post@skien.example'));
  const [shown] = (await show(eva, 'eva')).addresses;
  assert.deepEqual([shown!.stale, shown!.address], [true, 'eva@example.no']);
  const code = await call<Proof>('eva', 'POST', `/${shown!.id}/code`);
  assert.equal(code.body.confirms, shown!.id);
  const proved = await prove('eva', code.body.id, await codeAt('eva@example.no'));
  assert.deepEqual([proved.body.id, proved.body.stale, proved.body.source], [shown!.id, false, 'register']);
  assert.deepEqual(await points(eva), ['eva@example.no']);
});

test('given all these requests, when they were answered, then no answer was undeclared', () => assert.deepEqual(http.lies, []));

test('given a database that is lost, when it is asked whose an address is, then the fault is told as one, and not that there is no address', async () => {
  const lost = new Error('connection lost');
  const tx = new Proxy({}, { get: () => () => Promise.reject(lost) }) as Tx;
  await assert.rejects(keptOrMissing(tx, 'a' as PartyId, 'b' as PartyId), lost);
});
