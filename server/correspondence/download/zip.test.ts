import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import fc from 'fast-check';
import yauzl from 'yauzl';
import { type ZipEntry, zipOf } from './zip.ts';
import { zipFileName, zipNames } from './zip-names.ts';

const modifiedAt = new Date('2026-03-01T12:00:00Z');
const entry = (name: string, content: string): ZipEntry => {
  const bytes = Buffer.from(content);
  return { name, sizeBytes: bytes.length, modifiedAt, open: async () => Readable.from([bytes]) };
};

/** Every file of an archive as an independent reader finds it. */
async function read(archive: Buffer): Promise<[name: string, method: number, content: string][]> {
  const zip = await yauzl.fromBufferPromise(archive);
  const found: [string, number, string][] = [];
  for await (const file of zip.eachEntry()) {
    found.push([file.fileName, file.compressionMethod, (await buffer(await zip.openReadStreamPromise(file))).toString()]);
  }
  return found;
}

test('given files, when they are put into an archive, then another program reads each as it was, and the size was told before', async () => {
  const { sizeBytes, stream } = zipOf([entry('brev.txt', 'hei'), entry('blåbær 🫐.pdf', 'x'.repeat(70_000)), entry('siste.txt', '')]);

  const archive = await buffer(stream);

  assert.equal(archive.length, sizeBytes);
  assert.deepEqual(await read(archive), [
    ['brev.txt', 0, 'hei'],
    ['blåbær 🫐.pdf', 0, 'x'.repeat(70_000)],
    ['siste.txt', 0, ''],
  ]);
});

test('given a file that is missing, breaks off or has another size, when the archive is read, then it breaks off too', async () => {
  const broken = new PassThrough();
  setImmediate(() => broken.destroy(new Error('the disk is gone')));
  for (const bad of [
    { ...entry('a.txt', 'hei'), open: () => Promise.reject(new Error('no such file')) },
    { ...entry('a.txt', 'hei'), open: async () => broken },
    { ...entry('a.txt', 'hei'), sizeBytes: 4 },
  ]) {
    await assert.rejects(buffer(zipOf([bad, entry('b.txt', 'b')]).stream));
  }
});

test('given a reader that goes away, when it does, then the file under way is closed and no other is opened', async () => {
  let opened = 0;
  const first = Readable.from(
    (async function* () {
      for (;;) yield Buffer.alloc(65_536);
    })(),
  );
  const { stream } = zipOf([
    { name: 'a.txt', sizeBytes: 1e9, modifiedAt, open: async () => first },
    {
      ...entry('b.txt', 'b'),
      open: async () => {
        opened += 1;
        return Readable.from(['b']);
      },
    },
  ]);
  await new Promise((resolve) => stream.once('readable', resolve));

  stream.destroy();
  await new Promise((resolve) => first.once('close', resolve));

  assert.deepEqual([first.destroyed, opened], [true, 0]);
});

test('given names that are equal or too long, when they are put together, then each is its own, fits, and keeps its extension', () => {
  assert.deepEqual(zipNames(['a.pdf', 'A.PDF', 'a(1).pdf', 'a.pdf', '.txt', '.txt']), [
    'a.pdf',
    'A(1).PDF',
    'a(1)(1).pdf',
    'a(2).pdf',
    '.txt',
    '.txt(1)',
  ]);
  const long = `${'ø'.repeat(250)}.pdf`;
  const names = zipNames([long, long, `${'🫐'.repeat(100)}.docx`]);
  assert.deepEqual(
    names.map((name) => [Buffer.byteLength(name) <= 255, name.isWellFormed(), /\.(pdf|docx)$/.test(name)]),
    [1, 2, 3].map(() => [true, true, true]),
  );
  assert.equal(new Set(names).size, 3);
  assert.ok(names[1]!.endsWith('ø(1).pdf'));
});

test('given any names, when they are put together, then none is twice, whatever its case, and none is too long', () => {
  const name = fc
    .tuple(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.constantFrom('', '.pdf', '.PDF', '(1).pdf', '.txt'))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(
      fc.array(fc.oneof(name, fc.constantFrom('a.pdf', 'A.pdf', 'a(1).pdf', 'ø'.repeat(200))), { maxLength: 20 }),
      (fileNames) => {
        const names = zipNames(fileNames);
        assert.equal(new Set(names.map((each) => each.toLowerCase())).size, fileNames.length);
        for (const each of names) assert.ok(Buffer.byteLength(each) <= 255 && each.isWellFormed());
      },
    ),
  );
});

test('given titles, when an archive is named, then the name is plain', () => {
  for (const [title, name] of [
    ['Vedtak om skatt 2026', 'vedtak-om-skatt-2026.zip'],
    ['  Blåbær & RØMME! ', 'blabaer-romme.zip'],
    ['"../../etc/passwd"\r\nx: y', 'etc-passwd-x-y.zip'],
    ['🫐', 'correspondence-attachments.zip'],
    [`${'a'.repeat(99)} b`, `${'a'.repeat(99)}.zip`],
    ['x'.repeat(300), `${'x'.repeat(100)}.zip`],
  ] as const) {
    assert.equal(zipFileName(title), name);
  }
});
