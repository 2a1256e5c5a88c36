import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { sql } from '#kernel/database.ts';
import type { BlobKey } from '#kernel/ids.ts';
import { lendOwn, letGo } from '#kernel/lent-bytes.ts';
import { type Log, silentLog } from '#kernel/log.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { makeScratchDirectory } from '../../../test/scratch.ts';
import { BlobDamaged, StoreUnavailable } from '../blobs.ts';
import type { Bytes } from '../bytes.ts';
import { createBlobs } from '../create-blobs.ts';
import { diskBytes } from '../disk/disk-bytes.ts';
import { openBlobs } from '../open-blobs.ts';
import { encryptedBytes } from './encrypted-bytes.ts';
import { createKeyring, readKeyring } from './keyring.ts';
import { openKeyring } from './open-keyring.ts';
import { rewrapBlobs, rotateKeys } from './rotate-keys.ts';
import { registerKeys } from './store.ts';

const directory = makeScratchDirectory();
after(() => rmSync(directory, { recursive: true, force: true }));
const { db } = await createTestDatabase();
const sealedChunk = 64 * 1024 + 28;
const newKey = () => randomBytes(32).toString('base64');

function keyFile(...lines: string[]): string {
  const path = join(directory, `keys-${randomBytes(4).toString('hex')}`);
  writeFileSync(path, `# keys\n\n${lines.join('\n')}\n`);
  return path;
}

const [first, second] = [newKey(), newKey()];
const bytesDirectory = join(directory, 'bytes');
const open = (keys: string | undefined) => openBlobs(db, { place: { directory: bytesDirectory }, keys });
const pathOf = (key: string) => join(bytesDirectory, key.slice(-2), key);
const { blobs, close: leaveFirst } = await open(keyFile(`first ${first}`));
const put = async (bytes: Buffer, into = blobs): Promise<BlobKey> => (await into.receive(Readable.from([bytes]), { maxBytes: 1e9 })).key;
const never = new AbortController().signal;

test('given bytes of any length, when they are kept, then no byte lies there as it came, and any range of them is read back', async () => {
  for (const sizeBytes of [0, 1, 65_535, 65_536, 65_537, 131_072, 1_048_576, 1_048_577, 2_500_000]) {
    const bytes = randomBytes(sizeBytes);
    const key = await put(bytes);

    const lies = await readFile(pathOf(key));
    assert.equal(lies.length, sizeBytes + 28 * Math.max(1, Math.ceil(sizeBytes / 65_536)));
    if (sizeBytes > 32) assert.equal(lies.indexOf(bytes.subarray(0, 16)), -1);
    assert.ok((await buffer(await blobs.read(key))).equals(bytes));
    for (const start of [0, 1, 65_535, 65_536, 131_071, sizeBytes - 1, sizeBytes, sizeBytes + 5].filter((one) => one >= 0)) {
      for (const end of [start, start + 1, start + 70_000, sizeBytes - 1, sizeBytes + 9].filter((one) => one >= start)) {
        assert.ok(
          (await buffer(await blobs.read(key, { start, end }))).equals(bytes.subarray(start, end + 1)),
          `${sizeBytes}: ${start} to ${end}`,
        );
      }
    }
  }
});

test('given a large blob, when a byte of it is read, then one chunk is, and no more', async () => {
  const asked: unknown[] = [];
  const below = diskBytes(bytesDirectory);
  const watched: Bytes = {
    ...below,
    read: (key, range) => {
      asked.push(range);
      return below.read(key, range);
    },
  };
  const keyring = createKeyring(new Map([['first', Buffer.from(first, 'base64')]]));
  const watchedBlobs = createBlobs({ bytes: encryptedBytes({ bytes: watched, db, keyring }), db });
  const key = await put(randomBytes(10 * 65_536));

  await buffer(await watchedBlobs.read(key, { start: 5 * 65_536 + 7, end: 5 * 65_536 + 7 }));

  assert.deepEqual(asked, [{ start: 5 * sealedChunk, end: 6 * sealedChunk - 1 }]);
});

test('given chunks from outside, when many streams are encrypted and read at once, then each chunk gives its memory back and little is taken anew', async () => {
  const { allocUnsafeSlow } = Buffer;
  let takenBytes = 0;
  const whole = randomBytes(65_536 * 16);
  const given: Buffer[] = [];
  async function* fromOutside() {
    for (let at = 0; at < whole.length; at += 50_000) {
      const chunk = allocUnsafeSlow(Math.min(50_000, whole.length - at));
      whole.copy(chunk, 0, at);
      given.push(chunk);
      yield lendOwn(chunk);
    }
  }
  const memory = new Map<BlobKey, Buffer>();
  const bytes = encryptedBytes({
    bytes: {
      async write(key, chunks) {
        const all: Buffer[] = [];
        for await (const chunk of chunks) {
          all.push(Buffer.from(chunk));
          letGo(chunk);
        }
        memory.set(key, Buffer.concat(all));
      },
      read: async (key) => Readable.from([memory.get(key)!], { objectMode: false }),
      async remove() {},
    },
    db,
    keyring: createKeyring(new Map([['first', Buffer.from(first, 'base64')]])),
  });
  const blobsHere = createBlobs({ bytes, db });
  const write = () => blobsHere.receive(Readable.from(fromOutside()), { maxBytes: 1e9 });
  await write(); // takes what the others use again

  Buffer.allocUnsafeSlow = (sizeBytes) => {
    takenBytes += sizeBytes;
    return allocUnsafeSlow(sizeBytes);
  };
  try {
    for (let round = 0; round < 4; round += 1) {
      const stored = await Promise.all(Array.from({ length: 4 }, write));
      for (const { key } of stored) {
        const read: Buffer[] = [];
        for await (const chunk of (await blobsHere.read(key)) as AsyncIterable<Buffer>) {
          read.push(Buffer.from(chunk));
          letGo(chunk);
        }
        assert.ok(Buffer.concat(read).equals(whole));
      }
    }
  } finally {
    Buffer.allocUnsafeSlow = allocUnsafeSlow;
  }

  assert.ok(given.every(({ length }) => length === 0));
  assert.ok(takenBytes < 16 * 1024 * 1024, `${takenBytes} bytes were taken anew for ${17 * 2} MiB`);
});

test('given kept bytes that were changed, moved, cut off, doubled or taken from another blob, when they are read, then none of that is handed out', async () => {
  const bytes = randomBytes(3 * 65_536 + 100);
  const [key, other] = [await put(bytes), await put(randomBytes(bytes.length))];
  const [whole, strange] = [await readFile(pathOf(key)), await readFile(pathOf(other))];
  const chunk = (from: Buffer, i: number) => from.subarray(i * sealedChunk, (i + 1) * sealedChunk);
  const [a, b, c, d] = [0, 1, 2, 3].map((i) => chunk(whole, i)) as [Buffer, Buffer, Buffer, Buffer];
  const flipped = Buffer.from(whole);
  flipped[sealedChunk + 40]! ^= 1;
  const harms: Record<string, Buffer> = {
    changed: flipped,
    moved: Buffer.concat([a, c, b, d]),
    'cut at a chunk': Buffer.concat([a, b, c]),
    'cut within a chunk': whole.subarray(0, whole.length - 1),
    'one left out': Buffer.concat([a, b, d]),
    doubled: Buffer.concat([a, b, b, d]),
    'of another blob': Buffer.concat([a, chunk(strange, 1), c, d]),
    'all of another blob': strange,
    empty: Buffer.alloc(0),
  };

  for (const [harm, lies] of Object.entries(harms)) {
    await writeFile(pathOf(key), lies);
    await assert.rejects(async () => buffer(await blobs.read(key)), BlobDamaged, harm);
  }
  await writeFile(pathOf(key), whole);
  assert.ok((await buffer(await blobs.read(key))).equals(bytes));
});

test('given a kept file that was changed, or is gone, when it is read, then the log names the blob', async () => {
  const told: object[] = [];
  const log = { ...silentLog, error: (facts: object, message?: string) => void told.push([message, facts]) } as Log;
  const watched = createBlobs({
    bytes: encryptedBytes({ bytes: diskBytes(bytesDirectory), db, keyring: readKeyring(keyFile(`first ${first}`)) }),
    db,
    log,
  });
  const [changed, gone] = [await put(randomBytes(100)), await put(randomBytes(100))];
  const lies = await readFile(pathOf(changed));
  lies[50]! ^= 1;
  await writeFile(pathOf(changed), lies);
  rmSync(pathOf(gone));

  for (const key of [changed, gone]) await assert.rejects(async () => buffer(await watched.read(key)));

  const what = 'a stored blob is missing or damaged';
  assert.deepEqual(
    told.map((one) => JSON.parse(JSON.stringify(one, (name, value) => (name === 'message' ? undefined : value)))),
    [
      [what, { blob: changed, error: 'BlobDamaged' }],
      [what, { blob: gone, error: 'BlobMissing' }],
    ],
  );
});

test('given bytes from before there were keys, when keys are given, then they are read as they lie', async () => {
  const plain = createBlobs({ bytes: diskBytes(bytesDirectory), db });
  const key = await put(Buffer.from('of old'), plain);

  assert.equal(String(await buffer(await blobs.read(key))), 'of old');
});

test('given keys in use, when a server starts without them, or with another key of the same id, then it is refused', async () => {
  await put(Buffer.from('secret'));

  await assert.rejects(open(undefined), /encrypted by the key "first", and BUDSTIKKE_ENCRYPTION_KEYS is not set/);
  await assert.rejects(open(keyFile(`second ${second}`)), /encrypted by the key "first"/);
  await assert.rejects(open(keyFile(`first ${newKey()}`)), /not the one that this database was encrypted by/);
});

test('given a file of keys that is refused, when the right one comes, then it may have another key under an id that the refused one had', async () => {
  await assert.rejects(open(keyFile(`fresh ${newKey()}`)), /encrypted by the key "first"/);
  await assert.rejects(open(keyFile(`fresh ${newKey()}`, `first ${newKey()}`)), /not the one/);

  const right = keyFile(`fresh ${newKey()}`, `first ${first}`);
  await (await open(right)).close();
  await assert.rejects(open(keyFile(`fresh ${newKey()}`, `first ${first}`)), /The key "fresh".* is not the one/);
  await db.transaction(async (tx) => void (await tx.run(sql`delete from blobs.encryption_key where id = 'fresh'`)));
});

test('given a file of keys with a mistake, when it is read, then it is refused with the line, and no key is told', () => {
  const wrong: [string[], RegExp][] = [
    [[], /holds no key/],
    [['first'], /line 3/],
    [[`first ${first.slice(4)}`], /line 3/],
    [[`first ${first}`, `first ${second}`], /twice, again in line 4/],
    [[`a b ${first}`], /line 3/],
  ];
  for (const [lines, told] of wrong) {
    assert.throws(
      () => readKeyring(keyFile(...lines)),
      (error: Error) => told.test(error.message) && !error.message.includes(first.slice(4, 20)),
    );
  }
  assert.throws(() => readKeyring(join(directory, 'none')), /cannot be read \(ENOENT\)/);
});

test('given a new first key, when keys are rotated, broken off and rotated again, then all is wrapped by it, no byte is touched, and the old key may go', async () => {
  const keys = await Promise.all(Array.from({ length: 12 }, (_, i) => put(Buffer.from(`blob ${i}`))));
  const before = await Promise.all(keys.map((key) => readFile(pathOf(key))));
  const both = keyFile(`second ${second}`, `first ${first}`);
  const keyring = await openKeyring(db, both);
  const stop = new AbortController();
  let batches = 0;
  const fewAtOnce: typeof rewrapBlobs = async (tx, page, anew) => {
    if (++batches === 2) stop.abort();
    return rewrapBlobs(tx, { ...page, limit: 5 }, anew);
  };
  await leaveFirst();

  await assert.rejects(rotateKeys(db, keyring, [fewAtOnce], stop.signal), { name: 'AbortError' });
  const wrappedBy = async () =>
    (await db.pool.query<{ id: string }>('select distinct key_id as id from blobs.blob where key_id is not null order by 1')).rows.map(
      ({ id }) => id,
    );
  assert.deepEqual(await wrappedBy(), ['first', 'second']);
  const rotated = await rotateKeys(db, keyring, [rewrapBlobs], never);

  assert.deepEqual(await wrappedBy(), ['second']);
  assert.deepEqual([rotated.retired, rotated.stillUsed], [['first'], []]);
  assert.equal((await rotateKeys(db, keyring, [rewrapBlobs], never)).rewrapped, 0);
  const after = await open(keyFile(`second ${second}`));
  for (const [i, key] of keys.entries()) {
    assert.equal(String(await buffer(await after.blobs.read(key))), `blob ${i}`);
    assert.ok((await readFile(pathOf(key))).equals(before[i]!));
  }
  await after.close();
});

test('given a server that still writes by the old key, when keys are rotated, then that is refused until it is gone, and one that comes meanwhile is noticed', async () => {
  const [old, fresh] = [newKey(), newKey()];
  const [keyOld, keyFresh] = [keyFile(`old ${old}`, `second ${second}`), keyFile(`fresh ${fresh}`, `old ${old}`, `second ${second}`)];
  const late = await open(keyOld);
  const key = await put(Buffer.from('kept'), late.blobs);
  const other = await open(keyFile(`old ${old}`, `fresh ${fresh}`, `second ${second}`));
  const keyring = await openKeyring(db, keyFresh);
  const keyOf = async () => (await db.pool.query('select key_id from blobs.blob where key = $1', [key])).rows;

  await assert.rejects(rotateKeys(db, keyring, [rewrapBlobs], never), {
    name: 'StartError',
    message: /^2 running servers still write by "old", and 1 of them do not know "fresh"\. Restart all servers/,
  });
  assert.deepEqual(await keyOf(), [{ key_id: 'old' }], 'nothing is wrapped that a server could not read');
  await late.close();
  await other.close();

  const lateComer: typeof rewrapBlobs = async (...given) => {
    const done = await rewrapBlobs(...given);
    if (given[1].keyId === 'old') comer ??= await open(keyFile(`old ${old}`, `fresh ${fresh}`, `second ${second}`));
    return done;
  };
  let comer: Awaited<ReturnType<typeof open>> | undefined;
  await assert.rejects(rotateKeys(db, keyring, [lateComer], never), /1 running servers still write by "old"\. Restart/);
  await comer!.close();

  const lateWriter: typeof rewrapBlobs = async (...given) => {
    const done = await rewrapBlobs(...given);
    if (given[1].keyId === 'old') await put(Buffer.from('late'), late.blobs);
    return done;
  };
  assert.deepEqual((await rotateKeys(db, keyring, [lateWriter], never)).stillUsed, ['old'], 'one that nobody knew of');

  const present = await open(keyFresh);
  await db.pool.query(`insert into blobs.ring values (gen_random_uuid(), '{old}', 'old', statement_timestamp() - interval '61 seconds')`);
  assert.ok((await rotateKeys(db, keyring, [rewrapBlobs], never)).retired.includes('old'), 'one that was killed is not waited for');
  assert.ok((await registerKeys(db, [])).every(({ id }) => id === 'fresh'));
  assert.equal(String(await buffer(await present.blobs.read(key))), 'kept');
  await assert.rejects(put(Buffer.from('x'), late.blobs), StoreUnavailable, 'so that whoever sends may come again');
  await present.close();
});

test('given data keys that were changed in the database, when keys are rotated, then they are named, and all others are wrapped anew', async () => {
  const [fresh, next] = [`fresh-2 ${newKey()}`, `next ${newKey()}`];
  const { db } = await createTestDatabase();
  const openHere = (...lines: string[]) => openBlobs(db, { place: { directory: bytesDirectory }, keys: keyFile(...lines) });
  const before = await openHere(fresh);
  const keys: BlobKey[] = [];
  for (const text of ['a', 'b', 'c', 'd']) keys.push(await put(Buffer.from(text), before.blobs));
  await before.close();
  const swap = 'update blobs.blob set wrapped_key = (select wrapped_key from blobs.blob where key = $2) where key = $1';
  await db.pool.query(swap, [keys[1], keys[0]]);
  await db.pool.query(`update blobs.blob set wrapped_key = 'x' where key = $1`, [keys[2]]);
  const keyring = await openKeyring(db, keyFile(next, fresh));

  for (const rewrapped of [2, 0]) {
    const one: typeof rewrapBlobs = (tx, page, anew) => rewrapBlobs(tx, { ...page, limit: 1 }, anew);
    const rotated = await rotateKeys(db, keyring, [one], never);
    assert.deepEqual(rotated, { rewrapped, retired: [], stillUsed: [], damaged: [keys[1], keys[2]] });
  }
  assert.equal(String(await buffer(await (await openHere(next, fresh)).blobs.read(keys[3]!))), 'd');
});
