import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Embedded, startEmbedded } from '#db/embedded/index.ts';
import { silentLog } from '#kernel/log.ts';
import { type Started, startCommand } from '../process.ts';
import { makeScratchDirectory } from '../scratch.ts';

/** What a back-up refuses, and what it leaves behind: nothing. */

const command = fileURLToPath(new URL('../../cli/budstikke', import.meta.url));
const folder = makeScratchDirectory();
const dataDir = join(folder, 'data');
const copy = join(folder, 'copy');
let embedded: Embedded;

before(async () => {
  embedded = await startEmbedded({ dataDir, log: silentLog, durable: false });
  await migrated();
  const { code, said } = await budstikke(['backup', copy]);
  assert.equal(code, 0, said);
});

after(async () => {
  await embedded?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function migrated(): Promise<void> {
  const started = startCommand(process.execPath, [fileURLToPath(new URL('../../server/main.ts', import.meta.url)), 'migrate'], {
    env: { BUDSTIKKE_DATA_DIR: dataDir },
  });
  assert.equal(await started.ended, 0, started.said());
}

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
  return startCommand(command, args, { env: { PATH: '/usr/bin:/bin', BUDSTIKKE_DATA_DIR: dataDir, ...env } });
}

async function budstikke(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<{ code: unknown; said: string }> {
  const started = start(args, env);
  return { code: await started.ended, said: started.said() };
}

let count = 0;
const newPath = (): string => join(folder, `new-${++count}`);

/** A copy of the back-up that a test may spoil. */
function spoiled(spoil: (directory: string) => void): string {
  const directory = newPath();
  for (const name of readdirSync(copy, { recursive: true, withFileTypes: true })) {
    const from = join(name.parentPath, name.name);
    const to = from.replace(copy, directory);
    if (name.isDirectory()) mkdirSync(to, { recursive: true });
    else {
      mkdirSync(join(to, '..'), { recursive: true });
      writeFileSync(to, readFileSync(from));
    }
  }
  spoil(directory);
  return directory;
}

test('given a target that exists, when it is backed up to, then that is refused and the target is as it was', async () => {
  const target = newPath();
  mkdirSync(target);

  const { code, said } = await budstikke(['backup', target]);

  assert.equal(code, 1);
  assert.match(said, /exists\. A back-up is made anew, never over another\./);
  assert.deepEqual(readdirSync(target), []);
});

test('given a database that the operator runs, when it is backed up or restored, then pg_basebackup is named and nothing is done', async () => {
  const env = { BUDSTIKKE_DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' };
  const target = newPath();

  const backup = await budstikke(['backup', target], env);
  const restore = await budstikke(['restore', copy], env);

  assert.deepEqual([backup.code, restore.code], [1, 1]);
  assert.match(backup.said, /pg_basebackup/);
  assert.ok(!readdirSync(folder).some((name) => target.endsWith(name)));
});

test('given a data directory without a database, when it is backed up, then that is said and none is made', async () => {
  const empty = newPath();

  const { code, said } = await budstikke(['backup', newPath()], { BUDSTIKKE_DATA_DIR: empty });

  assert.equal(code, 1);
  assert.match(said, /^There is no database in /m);
  assert.ok(!readdirSync(folder).some((name) => empty.endsWith(name)));
});

test('given a back-up under way, when it is told to stop, then it ends and leaves nothing behind', async () => {
  const target = newPath();
  const started = start(['backup', target]);

  await started.waitFor(/database: /);
  started.child.kill('SIGTERM');
  const code = await started.ended;

  const left = readdirSync(folder).filter((name) => join(folder, name).startsWith(target));
  if (code === 0) assert.deepEqual(left.length, 1, 'it was complete before it heard');
  else assert.deepEqual([code, left], [1, []], started.said());
});

test('given two back-ups at once, when both run, then each is whole or told that another is running', async () => {
  const both = await Promise.all([budstikke(['backup', newPath()]), budstikke(['backup', newPath()])]);

  assert.ok(both.some(({ code }) => code === 0));
  for (const { code, said } of both) if (code !== 0) assert.match(said, /Another back-up of this database is running\./);
});

test('given a data directory that is not empty, when a back-up is restored into it, then that is refused and it is as it was', async () => {
  const full = newPath();
  mkdirSync(full);
  writeFileSync(join(full, 'mine'), '');

  const { code, said } = await budstikke(['restore', copy], { BUDSTIKKE_DATA_DIR: full });

  assert.equal(code, 1);
  assert.match(said, /is not empty \(it holds mine\)/);
  assert.deepEqual(readdirSync(full), ['mine']);
});

test('given a back-up of which a file is missing and another changed, when it is restored, then both are named and nothing is in place', async () => {
  const empty = newPath();
  const source = spoiled((directory) => {
    rmSync(join(directory, 'postgres/global/pg_control'));
    appendFileSync(join(directory, 'postgres/PG_VERSION'), ' ');
  });

  const { code, said } = await budstikke(['restore', source], { BUDSTIKKE_DATA_DIR: empty });

  assert.equal(code, 1);
  assert.match(said, /^ {2}postgres\/PG_VERSION was changed$/m);
  assert.match(said, /^ {2}postgres\/global\/pg_control is missing$/m);
  assert.deepEqual(readdirSync(empty), []);
});

for (const [what, spoil, reason] of [
  ['has lost its manifest', (d: string) => rmSync(join(d, 'manifest.ndjson')), /is no back-up: it holds no manifest\.ndjson/],
  ['was cut off', (d: string) => edit(d, (text) => text.split('\n').slice(0, -3).join('\n')), /has no end: the back-up was cut off/],
  ['has another digest in its manifest', (d: string) => edit(d, (text) => text.replace(/"sha256":"./, '"sha256":"x')), /was changed after/],
  ['was cut in the middle of a line', (d: string) => edit(d, (text) => text.slice(0, 5_000)), /a line that is not JSON|has no end/],
] as const) {
  test(`given a back-up that ${what}, when it is restored, then that is said and nothing is written`, async () => {
    const empty = newPath();

    const { code, said } = await budstikke(['restore', spoiled(spoil)], { BUDSTIKKE_DATA_DIR: empty });

    assert.equal(code, 1);
    assert.match(said, reason);
    assert.ok(!readdirSync(folder).some((name) => join(folder, name) === empty));
  });
}

function edit(directory: string, change: (text: string) => string): void {
  const path = join(directory, 'manifest.ndjson');
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

test('given --help, when it is asked of backup and restore, then both say where they run', async () => {
  for (const name of ['backup', 'restore']) {
    const { code, said } = await budstikke([name, '--help']);
    assert.equal(code, 0);
    assert.match(said, /Runs on the server's machine/);
  }
});
