import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mock, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Contents, ContentUnreadable, plainContents } from '#kernel/contents.ts';
import { type Db, sql } from '#kernel/database.ts';
import { type Log, silentLog } from '#kernel/log.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { makeScratchDirectory } from '../../../test/scratch.ts';
import { openBlobs } from '../open-blobs.ts';
import { rewrapContentKeys } from './content-keys.ts';
import { openContents } from './contents.ts';
import { createKeyring, emptyKeyring, KeyUnknown } from './keyring.ts';
import { rotateKeys } from './rotate-keys.ts';
import { registerKeys } from './store.ts';

const { db } = await createTestDatabase();
const [old, fresh] = [randomBytes(32), randomBytes(32)];
const ring = createKeyring(new Map([['old', old]]));
await registerKeys(db, [
  { id: 'old', witness: Buffer.alloc(1) },
  { id: 'fresh', witness: Buffer.alloc(1) },
]);
const contents = await openContents(db, ring);
const shut = (text: string, place = 'a', by: Contents = contents) => ({ bytes: by.encrypt(text, place)!, place });
const keyOf = ({ bytes }: { bytes: Buffer }): string => bytes.toString('hex', 1, 17);
const keyIn = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
const countKeys = async (): Promise<number> => (await db.one<{ n: number }>(sql`select count(*)::integer as n from blobs.content_key`)).n;

test('given texts of any kind, when they are kept, then they are read back, in order, and each is 45 bytes longer and nothing like itself', async () => {
  const texts = ['', 'a', 'Du har fått et vedtak.', 'æøå 🎈\n'.repeat(30_000)];
  const kept = texts.map((text, i) => shut(text, `place ${i}`));

  for (const [i, { bytes }] of kept.entries()) {
    assert.equal(bytes.length, Buffer.byteLength(texts[i]!) + 45);
    if (texts[i]!.length > 1) assert.equal(bytes.indexOf(texts[i]!.slice(0, 6)), -1);
  }
  assert.deepEqual(await contents.decrypt(db, kept), texts);
  assert.ok(!shut('a').bytes.equals(shut('a').bytes));
});

test('given a kept text that was changed, cut off or brought from another place, when it is read, then it is refused, with the place and nothing else', async () => {
  const { bytes } = shut('hemmelig innhold', 'body of one');
  const changed = [0, 1, 20, 30, bytes.length - 1].map((at) => {
    const copy = Buffer.from(bytes);
    copy[at]! ^= 1;
    return copy;
  });
  for (const [i, bad] of [...changed, bytes.subarray(0, 50), Buffer.alloc(0), Buffer.concat([bytes, Buffer.from([0])])].entries()) {
    await assert.rejects(contents.decrypt(db, [{ bytes: bad, place: 'body of one' }]), (error: Error) => {
      assert.ok(error instanceof ContentUnreadable, `${i}: ${error}`);
      return error.message === 'content cannot be opened: body of one';
    });
  }
  await assert.rejects(contents.decrypt(db, [{ bytes, place: 'body of another' }]), ContentUnreadable);
});

test('given another server, or one that was started anew, when it writes and reads, then it does so by the same key of the day', async () => {
  const before = await countKeys();
  const other = await openContents(db, ring);
  const kept = shut('brev', 'a', other);

  assert.equal(keyOf(kept), keyOf(shut('brev')));
  assert.equal(await countKeys(), before);
  assert.deepEqual(await contents.decrypt(db, [kept]), ['brev']);
});

test('given a server that has written for a day, when it writes on, then a new key comes into use without a pause, and what the old one encrypted is read', async () => {
  const kept = shut('i går');
  await db.transaction((tx) => tx.run(sql`update blobs.content_key set made_at = made_at - interval '25 hours'`));
  mock.timers.enable({ apis: ['Date'], now: Date.now() + 25 * 3_600_000 });
  const first = shut('i dag');
  for (let tries = 0; keyOf(shut('i dag')) === keyOf(kept); tries++) {
    assert.ok(tries < 500, 'no new key came');
    await sleep(10);
  }
  mock.timers.reset();

  assert.equal(keyOf(first), keyOf(kept), 'nobody waits for the new one');
  assert.deepEqual(await (await openContents(db, ring)).decrypt(db, [kept, first, shut('i dag')]), ['i går', 'i dag', 'i dag']);
});

test('given a key of the day that cannot be renewed, when texts are written, then the old one serves on, and the log tells it, once a minute at most', {
  timeout: 10_000,
}, async (t) => {
  const told: { facts: object; message: string }[] = [];
  const log: Log = { ...silentLog, warn: (facts, message) => void told.push({ facts, message }) };
  let tries = 0;
  const away = (): never => {
    tries++;
    throw new Error('the database is away, says ola@example.no, 01017012345');
  };
  let isAway = false;
  const leaving: Db = { ...db, maybe: (query) => (isAway ? away() : db.maybe(query)) };
  const writing = await openContents(leaving, ring, log);
  const before = keyOf(shut('brev', 'a', writing));
  const write = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) assert.equal(keyOf(shut('brev', 'a', writing)), before);
    while (told.length < tries) await sleep(1);
  };

  isAway = true;
  t.after(() => mock.timers.reset());
  mock.timers.enable({ apis: ['Date'], now: Date.now() + 25 * 3_600_000 });
  await write();
  mock.timers.tick(59_999);
  await write();
  assert.deepEqual([tries, told.length], [1, 1]);
  mock.timers.tick(1);
  await write();
  assert.deepEqual([tries, told.length], [2, 2]);

  assert.match(told[0]!.message, /could not be renewed/);
  const { at, ...facts } = told[0]!.facts as { at: unknown };
  assert.deepEqual(facts, { error: 'Error', message: 'the database is away, says *, *', contentKey: keyIn(before) });
});

test('given a database in which texts are encrypted and no blob is, when a server starts without keys or with others, then it is refused; with its own it starts', async (t) => {
  const { db } = await createTestDatabase();
  const directory = makeScratchDirectory();
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const keyFile = (id: string, key: Buffer): string => {
    const path = join(directory, id);
    writeFileSync(path, `${id} ${key.toString('base64')}\n`);
    return path;
  };
  const start = (keys: string | undefined) => openBlobs(db, { place: { directory: join(directory, 'bytes') }, keys });
  const own = keyFile('own', old);
  const first = await start(own);
  const kept = shut('brev', 'a', await openContents(db, first.keyring));
  await first.close();
  assert.equal((await db.one<{ n: number }>(sql`select count(*)::integer as n from blobs.blob`)).n, 0);

  await assert.rejects(start(undefined), {
    name: 'StartError',
    message: /encrypted by the key "own", and BUDSTIKKE_ENCRYPTION_KEYS is not set/,
  });
  await assert.rejects(start(keyFile('other', fresh)), { name: 'StartError', message: /encrypted by the key "own", and the file/ });
  const again = await start(own);
  assert.deepEqual(await (await openContents(db, again.keyring)).decrypt(db, [kept]), ['brev']);
  await again.close();
});

test('given no keys, when texts are written, then they stay as they are, and an encrypted one is refused', async () => {
  const without = await openContents(db, emptyKeyring);

  assert.equal(without, plainContents);
  assert.equal(without.encrypt('brev', 'a'), null);
  await assert.rejects(without.decrypt(db, [shut('brev')]), ContentUnreadable);
});

test('given content keys of many days, one of which was changed, when keys are rotated, then all others are wrapped anew, no text is touched, and the changed one is named', async () => {
  const kept = shut('brev');
  const both = createKeyring(
    new Map([
      ['fresh', fresh],
      ['old', old],
    ]),
  );
  const harmed = (await db.one<{ id: string }>(sql`select id from blobs.content_key where key_id = 'old' order by id limit 1`)).id;
  await db.transaction((tx) =>
    tx.run(sql`update blobs.content_key set wrapped_key = set_byte(wrapped_key, 20, get_byte(wrapped_key, 20) # 1) where id = ${harmed}`),
  );

  const { damaged, rewrapped, retired } = await rotateKeys(db, both, [rewrapContentKeys], new AbortController().signal);

  assert.deepEqual([damaged, retired], [[harmed], []]);
  assert.ok(rewrapped > 0);
  const only = await openContents(db, createKeyring(new Map([['fresh', fresh]])));
  assert.deepEqual(await only.decrypt(db, [kept]), ['brev']);
  assert.deepEqual(await contents.decrypt(db, [kept]), ['brev'], 'a server that holds the opened key reads on');
});

test('given a ring that lacks the key, or has another of that id, when a text is read, then the one is told by its id and the other is refused', async () => {
  const kept = shut('brev'); // the key of the day is wrapped by the fresh one now
  const lacking = await openContents(db, createKeyring(new Map([['old', old]])));
  const wrong = await openContents(db, createKeyring(new Map([['fresh', old]])));

  await assert.rejects(lacking.decrypt(db, [kept]), (error) => error instanceof KeyUnknown && /"fresh"/.test(error.message));
  await assert.rejects(wrong.decrypt(db, [kept]), ContentUnreadable);
});
