import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BlobMissing } from '#blobs/index.ts';
import { sql } from '#kernel/database.ts';
import { newId } from '#kernel/ids.ts';
import { eventsOf } from '../../correspondence/testing/town.ts';
import { handOverLetters } from '../hand-over-letters.ts';
import { openPress } from '../testing/press.ts';
import { createDirectoryHouse } from './directory-house.ts';
import { type Envelope, UnprintableFile } from './print-house.ts';

const press = await openPress();
const { town, ctx, directory, house } = press;
const { world, citizen } = town;
const droppedOf = async (id: string) => (await eventsOf(town, id)).filter((type) => type.endsWith('relay.dropped')).length;
const pdf = '%PDF-1.4\n%%EOF\n';

/** A worker that dies as it is told to. */
async function dieHandingOver(when: 'packing' | 'dropped'): Promise<void> {
  const script = fileURLToPath(new URL('../testing/hand-over-once.ts', import.meta.url));
  const url = world.db.pool.options.connectionString!;
  const child = spawn(process.execPath, [script, url, world.blobFolder, directory, when], { stdio: 'inherit' });
  const [, signal] = await once(child, 'exit');
  assert.equal(signal, 'SIGKILL');
}

/** The lease of whoever died is over: it is real time. */
const leasesEnd = () =>
  world.db.transaction((tx) =>
    tx.run(sql`update relay.shipment set leased_until = statement_timestamp() - interval '1 second' where leased_until is not null`),
  );

test('given a worker that is killed while it packs, when another comes after its lease, then the letter is dropped once, and nothing is left over', async () => {
  const id = await press.toPaper(citizen, {}, { 'vedtak.pdf': pdf });
  await dieHandingOver('packing');
  const shipment = await press.shipment(id);
  assert.equal(shipment.state, 'accepted');
  assert.equal((await press.drop())[shipment.id], undefined);
  await handOverLetters(ctx); // the lease still stands
  assert.equal((await press.shipment(id)).state, 'accepted');

  await leasesEnd();
  await handOverLetters(ctx);

  assert.deepEqual((await press.drop())[shipment.id], ['enclosed-001.pdf', 'letter.pdf', 'manifest.json']);
  assert.deepEqual(await readdir(join(directory, '.making')), []);
  assert.deepEqual([(await press.shipment(id)).state, await droppedOf(id)], ['dropped', 1]);
});

test('given a worker that is killed between the drop and its commit, when the house has fetched the letter already, then it never comes again', async () => {
  const id = await press.toPaper(citizen, {}, { 'vedtak.pdf': pdf });
  await dieHandingOver('dropped');
  const shipment = await press.shipment(id);
  assert.equal(shipment.state, 'accepted');
  await rename(join(directory, shipment.id), join(directory, `.fetched-${shipment.id}`));

  await leasesEnd();
  await handOverLetters(ctx);

  assert.equal((await press.drop())[shipment.id], undefined);
  assert.deepEqual([(await press.shipment(id)).state, await droppedOf(id)], ['dropped', 1]);
});

const envelope = (more: Partial<Envelope['files'][number]> = {}): Envelope => ({
  id: newId(),
  manifest: { version: 1 },
  files: [
    {
      file: 'a.txt',
      mediaType: 'text/plain',
      sizeBytes: 3,
      sha256: createHash('sha256').update('Hei').digest('hex'),
      read: async () => Readable.from([Buffer.from('Hei')]),
      begins: null,
      ...more,
    },
  ],
});

test('given an envelope that was entered and could not be put in its place, when it is dropped again, then it is the one that was entered', async () => {
  const given = envelope();
  const blocker = join(directory, given.id);
  await mkdir(join(blocker, 'in-the-way'), { recursive: true });
  await assert.rejects(house.drop(given), /ENOTEMPTY/);
  const [waiting] = (await readdir(join(directory, '.making'))).filter((name) => name.startsWith(given.id));
  await rm(blocker, { recursive: true });

  const never = { ...given, files: [{ ...given.files[0]!, read: () => Promise.reject(new Error('it was packed before')) }] };
  await house.drop(never);

  assert.ok(waiting);
  assert.deepEqual(await readdir(join(directory, given.id)), ['a.txt', 'manifest.json']);
  await rm(join(directory, given.id), { recursive: true });
  await house.drop(never);
  assert.ok(!(await readdir(directory)).includes(given.id));
});

test('given several that drop one envelope at once, when all are done, then it is there once, and nothing is left over', async () => {
  const given = envelope();
  await Promise.all(
    [1, 2, 3, 4, 5].map(() =>
      createDirectoryHouse({ directory })
        .drop(given)
        .catch((error: unknown) => assert.equal((error as { code?: string }).code, 'ENOENT')),
    ),
  );

  assert.deepEqual(await readdir(join(directory, given.id)), ['a.txt', 'manifest.json']);
  assert.deepEqual(
    (await readdir(join(directory, '.making'))).filter((name) => name.startsWith(given.id)),
    [],
  );
  assert.deepEqual(
    (await readdir(join(directory, '.ledger'))).filter((name) => name.includes(given.id)),
    [given.id],
  );
});

const bad: readonly [what: string, reason: string, more: Partial<Envelope['files'][number]>][] = [
  ['is not what was sent', 'attachment-gone', { sha256: '0'.repeat(64) }],
  ['is gone', 'attachment-gone', { read: () => Promise.reject(new BlobMissing('gone')) }],
  ['is text with a byte that no text has', 'attachment-not-printable', { read: async () => Readable.from([Buffer.from('H\0i')]) }],
  ['is shorter than what it must begin with', 'attachment-not-printable', { mediaType: 'image/png', begins: Buffer.from('\x89PNG') }],
  [
    'is a PDF whose lock is cut by the border of two chunks',
    'attachment-not-printable',
    {
      mediaType: 'application/pdf',
      begins: Buffer.from('%PDF-'),
      read: async () => Readable.from([Buffer.from('%P'), Buffer.from('DF-1.4 /Enc'), Buffer.from('rypt 1 0 R')]),
    },
  ],
];
for (const [what, reason, more] of bad) {
  test(`given a file that ${what}, when its envelope is dropped, then it is not: ${reason}, and nothing is left over`, async () => {
    const given = envelope(more);
    await assert.rejects(house.drop(given), (error: unknown) => error instanceof UnprintableFile && error.reason === reason);
    const left = await Promise.all(['.', '.making', '.ledger'].map((folder) => readdir(join(directory, folder))));
    assert.ok(left.flat().every((name) => !name.includes(given.id)));
  });
}
