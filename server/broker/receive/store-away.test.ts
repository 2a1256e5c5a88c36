import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { BlobDamaged, BlobMissing, StoreUnavailable } from '#blobs/index.ts';
import { assertRefused, createTown, fetchWhole, openWire, outcomesOf, transferOf } from '../testing/town.ts';

/** A download that comes to nothing has not begun: whoever polls for what is not fetched finds the file again. */
const town = await createTown();
const { world, ctx } = town;
const wire = await openWire(town);
const originals = async () =>
  (await wire.json('GET', '/filetransfer?resourceId=filer&status=Published&recipientStatus=Initialized', 'first')).json();

const ills = {
  'is away': () => Promise.reject(new StoreUnavailable(new Error('busy'))),
  'has lost the bytes': () => Promise.reject(new BlobMissing('gone')),
  'has damaged them': async () =>
    Readable.from(
      (async function* (): AsyncGenerator<Buffer> {
        yield await Promise.reject(new BlobDamaged('cut off'));
      })(),
    ),
};
for (const [what, read] of Object.entries(ills))
  test(`given a store that ${what}, when a file is asked for, then nothing has begun, nothing can be confirmed, and it is fetched once the store is well`, async () => {
    const id = await wire.send('sender', transferOf(town), 'innhold');
    const ill = await openWire(town, {}, { ...ctx, blobs: { ...ctx.blobs, read } });

    for (const headers of [{}, { range: 'bytes=1-2' }] as Record<string, string>[]) {
      const refused = await world.nothingWritten(() => ill.request('GET', `/filetransfer/${id}/download`, 'first', { headers }));
      assert.equal(refused.status, what === 'is away' ? 503 : 500);
    }
    await assertRefused(await ill.request('GET', `/filetransfer/${id}/download`, 'stranger'), 6);

    assert.deepEqual(await originals(), [id]);
    await assertRefused(await wire.request('POST', `/filetransfer/${id}/confirmdownload`, 'first'), 19);
    assert.deepEqual(await outcomesOf(town, id), [null]);
    assert.equal(String(await fetchWhole(wire, id, 'first')), 'innhold');
    assert.deepEqual(await originals(), []);
    assert.equal((await wire.request('POST', `/filetransfer/${id}/confirmdownload`, 'first')).status, 204);
  });
