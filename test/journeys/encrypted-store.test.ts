import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Blobs, bindBlobs, openBlobs, openContents } from '#blobs/index.ts';
import { startEmbedded } from '#db/embedded/index.ts';
import { createDatabase, type Database } from '#db/index.ts';
import { type BlobKey, newId, type PartyId } from '#kernel/ids.ts';
import { silentLog } from '#kernel/log.ts';
import { findOrders, saveOrders } from '#notifications/index.ts';
import { startCommand } from '../process.ts';
import { makeScratchDirectory } from '../scratch.ts';

/** What an operator does with a store that is encrypted, by the commands of the server. */

const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const folder = makeScratchDirectory();
after(() => rmSync(folder, { recursive: true, force: true }));
const [dataDir, keys] = [join(folder, 'data'), join(folder, 'keys')];
const [old, fresh] = ['old', 'fresh'].map((id) => `${id} ${randomBytes(32).toString('base64')}\n`) as [string, string];
const letter = Buffer.from('%PDF-1.4 the letter of somebody');

async function run(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const env = { BUDSTIKKE_DATA_DIR: dataDir, BUDSTIKKE_LOG_LEVEL: 'error', BUDSTIKKE_ENCRYPTION_KEYS: keys, ...more };
  const started = startCommand(process.execPath, [main, ...args], { env });
  return { code: await started.ended, said: started.said() };
}

/** As a server would. */
async function inside<T>(directory: string, work: (blobs: Blobs, db: Database) => Promise<T>): Promise<T> {
  const embedded = await startEmbedded({ dataDir: directory, log: silentLog });
  const db = createDatabase({ url: embedded.url, maxConnections: 4, applicationName: 'budstikke test' });
  try {
    const store = await openBlobs(db, { place: { directory: join(directory, 'blobs') }, keys });
    db.keepContentsBy(await openContents(db, store.keyring));
    return await work(store.blobs, db).finally(store.close);
  } finally {
    await db.close();
    await embedded.stop();
  }
}

const lies = (directory: string, key: string): string => join(directory, 'blobs', key.slice(-2), key);
let key: BlobKey;

/** A wording that a sender ordered: what letters say is kept as it is. */
const order = newId();
const wording = 'Dette står ikke i noen fil.';
const orderedWording = (directory: string) => inside(directory, async (_, db) => (await findOrders(db, [order])).get(order)?.emailBody);

/** The files of a directory, those of PostgreSQL and its log of changes too, in which the bytes stand. */
function filesWith(directory: string, bytes: string): string[] {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => join(parentPath, name)).filter((path) => readFileSync(path).includes(bytes));
}

before(async () => {
  writeFileSync(keys, old);
  const { code, said } = await run(['migrate']);
  assert.equal(code, 0, said);
  key = await inside(dataDir, async (blobs, db) => {
    const stored = await blobs.receive(Readable.from([letter]), { maxBytes: 1000 });
    await db.transaction(async (tx) => {
      bindBlobs(tx, [stored.key]);
      const texts = { sendersName: 'Etaten', resourceName: 'Post', messageTitle: 'Vedtak', confidential: false };
      saveOrders(tx, [
        {
          id: order,
          sender: newId<PartyId>(),
          template: 'CustomMessage',
          channel: 'Email',
          emailBody: wording,
          at: new Date(),
          ...texts,
        },
      ]);
    });
    return stored.key;
  });
});

test('given an encrypted store, when it is backed up, its key exchanged, and the back-up restored, then neither bytes nor texts lie anywhere as they came, and are read by the key they need', async () => {
  const target = join(folder, 'backup');
  const backedUp = await run(['backup', target]);

  assert.equal(backedUp.code, 0, backedUp.said);
  assert.match(backedUp.said, /The keys of .*keys are not in it/);
  for (const directory of [dataDir, target]) {
    assert.equal(readFileSync(lies(directory, key)).indexOf('letter'), -1);
    assert.deepEqual(filesWith(directory, wording), []);
    assert.notDeepEqual(filesWith(directory, 'CustomMessage'), [], 'what stands in the clear is found');
  }

  writeFileSync(keys, fresh + old);
  const rotated = await run(['keys-rotate']);
  assert.equal(rotated.code, 0, rotated.said);
  assert.match(rotated.said, /2 data keys are wrapped anew, by "fresh"\.\nNothing needs old any more/);
  writeFileSync(keys, fresh);
  assert.ok((await inside(dataDir, async (blobs) => buffer(await blobs.read(key)))).equals(letter));
  assert.equal(await orderedWording(dataDir), wording);

  const restored = join(folder, 'restored');
  assert.equal((await run(['restore', target], { BUDSTIKKE_DATA_DIR: restored })).code, 0);
  await assert.rejects(
    inside(restored, async () => {}),
    /encrypted by the key "old"/,
  );
  writeFileSync(keys, fresh + old);
  assert.ok((await inside(restored, async (blobs) => buffer(await blobs.read(key)))).equals(letter));
  assert.equal(await orderedWording(restored), wording);
});

test('given encrypted bytes that were changed in the store, when it is backed up, then they are named', async () => {
  const path = lies(dataDir, key);
  const whole = readFileSync(path);
  const harmed = Buffer.from(whole);
  harmed[20]! ^= 1;
  writeFileSync(path, harmed);

  const { code, said } = await run(['backup', join(folder, 'harmed')]);

  writeFileSync(path, whole);
  assert.equal(code, 1);
  assert.match(said, new RegExp(`1 blobs that the database names .*\n  ${key}`));
});

test('given an object store, when the database is backed up, then it is said that the bytes are not in it', async () => {
  const s3 = { BUDSTIKKE_S3_BUCKET: 'post', BUDSTIKKE_S3_KEY: 'k', BUDSTIKKE_S3_SECRET: 's', BUDSTIKKE_S3_ENDPOINT: 'http://127.0.0.1:1' };
  const target = join(folder, 'database-only');

  const { code, said } = await run(['backup', target], s3);

  assert.equal(code, 0, said);
  assert.match(said, /It holds the database only\. The bytes lie in the bucket post/);
  assert.ok(!existsSync(join(target, 'blobs')));
  assert.equal((await run(['restore', target], { ...s3, BUDSTIKKE_DATA_DIR: join(folder, 'from-database-only') })).code, 0);
});

test('given no keys, when they are to be rotated, then that is refused', async () => {
  const { code, said } = await run(['keys-rotate'], { BUDSTIKKE_ENCRYPTION_KEYS: '' });

  assert.equal(code, 1);
  assert.match(said, /BUDSTIKKE_ENCRYPTION_KEYS is not set/);
});
