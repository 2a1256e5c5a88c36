import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort, type Started, startCommand } from '../process.ts';
import { makeScratchDirectory } from '../scratch.ts';

/**
 * Somebody else meets a restore under way, or what is left of one. The back-up here has a blob more, and in a source that is
 * `slow` that blob is a pipe: a restore stands still at it until `pour`.
 */

const main = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const folder = makeScratchDirectory();
const made = join(folder, 'made');
const shelf = 'ab';
const blob = join('blobs', shelf, '0198f0a0-0000-7000-8000-0000000000ab');
const bytes = Buffer.from('%PDF-1.4 the letter of somebody');

before(async () => {
  const env = { BUDSTIKKE_DATA_DIR: join(folder, 'original') };
  for (const args of [['migrate'], ['backup', made]]) {
    const started = startCommand(process.execPath, [main, ...args], { env });
    assert.equal(await started.ended, 0, started.said());
  }
  const [first, ...rows] = readFileSync(join(made, 'manifest.ndjson'), 'utf8').trimEnd().split('\n');
  const tail = JSON.parse(rows.pop()!);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const lines = [first, ...rows, JSON.stringify({ path: blob, sizeBytes: bytes.length, sha256 })].map((row) => `${row}\n`).join('');
  const end = { ...tail, files: tail.files + 1, sha256: createHash('sha256').update(lines).digest('hex') };
  writeFileSync(join(made, 'manifest.ndjson'), `${lines}${JSON.stringify(end)}\n`);
  mkdirSync(join(made, 'blobs', shelf), { recursive: true });
  writeFileSync(join(made, blob), bytes);
});

after(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
const newPath = (): string => join(folder, `new-${++count}`);

function slow(): string {
  const source = newPath();
  cpSync(made, source, { recursive: true });
  rmSync(join(source, blob));
  execFileSync('mkfifo', [join(source, blob)]);
  return source;
}

/** Opens when the restore has come to the blob, and then lets it go on. */
async function pour(source: string, meanwhile: () => Promise<void> | void): Promise<void> {
  const pipe = await open(join(source, blob), 'w');
  try {
    await meanwhile();
    await pipe.write(bytes);
  } finally {
    await pipe.close();
  }
}

const start = (dataDir: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Started =>
  startCommand(process.execPath, [main, ...args], {
    env: { BUDSTIKKE_DATA_DIR: dataDir, BUDSTIKKE_LOG_LEVEL: 'error', BUDSTIKKE_SANDBOX_TOWN: 'none', ...more },
  });

async function run(dataDir: string, args: readonly string[], more?: Readonly<Record<string, string>>) {
  const started = start(dataDir, args, more);
  return { code: await started.ended, said: started.said() };
}

const server = async (dataDir: string): Promise<Started> => start(dataDir, ['api'], { BUDSTIKKE_PORT: String(await freePort()) });

async function startsAndHasTheBlob(dataDir: string): Promise<void> {
  const running = await server(dataDir);
  await running.waitFor(/is ready/);
  running.child.kill('SIGTERM');
  assert.equal(await running.ended, 0, running.said());
  assert.deepEqual(readFileSync(join(dataDir, blob)), bytes);
  assert.deepEqual(
    readdirSync(join(dataDir, 'blobs')).filter((name) => name.startsWith('.new-')),
    [],
  );
}

test('given a restore under way, when a server starts and another restore begins, then both are told of it and touch nothing, and it comes to its end', async () => {
  const [source, dataDir] = [slow(), newPath()];
  const restoring = start(dataDir, ['restore', source]);

  await pour(source, async () => {
    const standing = () => [readdirSync(dataDir), readdirSync(join(dataDir, 'blobs'))];
    const before = standing();
    const early = await server(dataDir);
    const second = await run(dataDir, ['restore', made]);

    assert.deepEqual([await early.ended, second.code], [1, 1]);
    const told = new RegExp(`^A back-up is being restored into ${dataDir} \\(process ${restoring.child.pid} on .*\\)\\. Start when`, 'm');
    for (const said of [early.said(), second.said]) assert.match(said, told);
    assert.doesNotMatch(early.said(), / at .*\.ts:/);
    assert.deepEqual(standing(), before);
  });

  assert.equal(await restoring.ended, 0, restoring.said());
  await startsAndHasTheBlob(dataDir);
});

test('given a restore under way, when somebody puts bytes where its own go, then it fails with the reason, and removes its own and not theirs', async () => {
  const [source, dataDir] = [slow(), newPath()];
  const restoring = start(dataDir, ['restore', source]);

  await pour(source, () => {
    mkdirSync(join(dataDir, 'blobs', shelf), { recursive: true });
    writeFileSync(join(dataDir, 'blobs', shelf, 'theirs'), 'a letter');
  });

  assert.equal(await restoring.ended, 1);
  assert.match(restoring.said(), /^Somebody has put ab into .*\/blobs meanwhile\./m);
  assert.deepEqual(readdirSync(dataDir, { recursive: true }).toSorted(), ['blobs', 'blobs/ab', 'blobs/ab/theirs']);
});

test('given a restore that was killed with -9, when a server starts, then that is said; when it is restored again, then its remains are cleared', async () => {
  const [source, dataDir] = [slow(), newPath()];
  const restoring = start(dataDir, ['restore', source]);
  await assert.rejects(
    pour(source, async () => {
      restoring.child.kill('SIGKILL');
      await restoring.ended;
    }),
    { code: 'EPIPE' },
  );

  const early = await server(dataDir);
  assert.equal(await early.ended, 1);
  assert.match(early.said(), /was broken off\. Run the restore again: it clears/);

  const again = await run(dataDir, ['restore', made]);
  assert.equal(again.code, 0, again.said);
  await startsAndHasTheBlob(dataDir);
});

/** As it stands when it is killed after the blobs were put in place. */
function remainsIn(dataDir: string, mark = 'abcdefabcdef'): void {
  mkdirSync(dataDir);
  mkdirSync(join(dataDir, 'postgres'), { mode: 0o700 });
  const holder = { mark, host: hostname(), space: 'pid:[1]', boot: 'another', process: 1, began: '1' };
  writeFileSync(join(dataDir, 'postgres/budstikke-restore.json'), JSON.stringify(holder));
  mkdirSync(join(dataDir, 'blobs', shelf), { recursive: true });
  writeFileSync(join(dataDir, blob), bytes.subarray(0, 3));
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', 'nobody', join(dataDir, 'postgres')]);
}

test('given a restore that was killed after it put the blobs in place, when it is restored again, then they are put there anew', async () => {
  const dataDir = newPath();
  remainsIn(dataDir);
  mkdirSync(join(dataDir, 'blobs/.new-abcdefabcdef'));

  const { code, said } = await run(dataDir, ['restore', made]);

  assert.equal(code, 0, said);
  await startsAndHasTheBlob(dataDir);
});

test('given bytes that the killed restore did not find and the back-up names, when it is restored again, then they are left and named', async () => {
  const dataDir = newPath();
  remainsIn(dataDir);

  const { code, said } = await run(dataDir, ['restore', made]);

  assert.equal(code, 1);
  assert.match(said, /blobs is not empty \(it holds ab\)/);
  assert.ok(existsSync(join(dataDir, blob)));
});

test('given disks of their own for data and bytes, when it is restored onto them, then what every new disk holds is in nobody’s way', async () => {
  const [dataDir, blobDir] = [newPath(), newPath()];
  for (const disk of [dataDir, blobDir]) mkdirSync(join(disk, 'lost+found'), { recursive: true });

  const { code, said } = await run(dataDir, ['restore', made], { BUDSTIKKE_BLOB_DIR: blobDir });

  assert.equal(code, 0, said);
  assert.deepEqual(readdirSync(blobDir).toSorted(), ['ab', 'lost+found']);
});

test('given a target inside what is backed up, when it is backed up to, then that is refused and nothing is made', async () => {
  const original = join(folder, 'original');
  const blobDir = newPath();
  mkdirSync(blobDir);
  const before = readdirSync(original);

  for (const target of [join(original, 'copy'), join(original, '../original/postgres/copy'), join(blobDir, 'copy')]) {
    const { code, said } = await run(original, ['backup', target], { BUDSTIKKE_BLOB_DIR: blobDir });

    assert.equal(code, 1, target);
    assert.match(said, /which is to be backed up\. Choose a directory elsewhere/);
  }
  assert.deepEqual([readdirSync(original), readdirSync(blobDir)], [before, []]);
});
