import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import type { BlobKey } from '#kernel/ids.ts';
import { createTestDatabase } from '../../../test/database.ts';
import { makeScratchDirectory } from '../../../test/scratch.ts';
import { BlobDamaged } from '../blobs.ts';
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
const { blobs } = await open(keyFile(`first ${first}`));
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
  const fewAtOnce: typeof rewrapBlobs = async (tx, keyId, _, anew) => {
    if (++batches === 2) stop.abort();
    const many = await rewrapBlobs(tx, keyId, 5, anew);
    return many === 5 ? 500 : many;
  };

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
});

test('given a server that still has the old file, when keys are rotated, then the old key is told to be in use', async () => {
  const [old, fresh] = [newKey(), newKey()];
  const [keyOld, keyFresh] = [keyFile(`old ${old}`, `second ${second}`), keyFile(`fresh ${fresh}`, `old ${old}`, `second ${second}`)];
  const late = await open(keyOld);
  const keyring = await openKeyring(db, keyFresh);
  const lateComer: typeof rewrapBlobs = async (...given) => {
    const many = await rewrapBlobs(...given);
    if (given[1] === 'old') await put(Buffer.from('late'), late.blobs);
    return many;
  };

  const rotated = await rotateKeys(db, keyring, [lateComer], never);

  assert.deepEqual(rotated.stillUsed, ['old']);
  assert.deepEqual((await rotateKeys(db, keyring, [rewrapBlobs], never)).retired, ['old']);
  assert.ok((await registerKeys(db, [])).every(({ id }) => id === 'fresh'));
});
