import assert from 'node:assert/strict';
import { type ChildProcess, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Started, startProgram } from '../../../test/process.ts';
import { makeScratchDirectory } from '../../../test/scratch.ts';
import { findPostmaster } from './postmaster.ts';

const hold = new URL('./testing/hold.ts', import.meta.url);
const root = makeScratchDirectory();
const children: ChildProcess[] = [];

after(() => {
  for (const child of children) child.kill('SIGKILL');
  for (const name of readdirSync(root)) stopByPid(clusterOf(join(root, name)));
  rmSync(root, { recursive: true, force: true });
});

/** A directory that does not exist yet; its parent belongs to the user, who can thus make it. */
function newDataDir(uid?: number): string {
  const parent = mkdtempSync(join(root, 'd-'));
  chmodSync(parent, 0o755);
  if (uid !== undefined) chownSync(parent, uid, uid);
  return join(parent, 'data');
}

const clusterOf = (parent: string): string => join(parent, 'data', 'postgres');
const postmasterOf = (dataDir: string): number | undefined => findPostmaster(clusterOf(dirname(dataDir)));

function stopByPid(cluster: string): void {
  const pid = findPostmaster(cluster);
  if (pid !== undefined) process.kill(pid, 'SIGQUIT');
}

function start(dataDir: string, as: 'server' | 'tool' = 'tool', uid?: number): Started {
  const started = startProgram(hold, [dataDir, as], uid === undefined ? {} : { uid });
  children.push(started.child);
  return started;
}

const ready = async (started: Started): Promise<string> => (await started.waitFor(/ready (\S+)/))[1] ?? '';

async function ask(url: string, text: string): Promise<unknown> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query({ text, rowMode: 'array' });
    return rows[0]?.[0];
  } finally {
    await client.end();
  }
}

async function eventually<T>(what: () => Promise<T>, millis = 15_000): Promise<T> {
  const until = Date.now() + millis;
  for (;;) {
    try {
      return await what();
    } catch (error) {
      if (Date.now() > until) throw error;
      await sleep(50);
    }
  }
}

const isRoot = process.geteuid?.() === 0;
const nobody = 65534;
const canBecomeNobody = isRoot && spawnSync(process.execPath, ['--version'], { uid: nobody, gid: nobody, cwd: '/' }).status === 0;

for (const [name, uid, possible] of [
  ['as the user that runs the tests', undefined, true],
  ['as an ordinary user (uid 65534)', nobody, canBecomeNobody],
] as const) {
  describe(`the embedded database, ${name}`, { skip: possible ? false : 'needs root and a reachable Node', concurrency: 2 }, () => {
    test('given an empty directory, when it is started and told to stop, then nothing is left running', async () => {
      const dataDir = newDataDir(uid);
      const one = start(dataDir, 'server', uid);
      const url = await ready(one);

      assert.equal(await ask(url, "select datlocale from pg_database where datname = 'budstikke'"), 'C.UTF-8');
      assert.ok(postmasterOf(dataDir));
      one.child.kill('SIGTERM');

      assert.equal(await one.ended, 0);
      assert.match(one.said(), /^stopped$/m);
      assert.equal(postmasterOf(dataDir), undefined);
    });

    test('given a running one, when its node is killed with -9 and started again, then it adopts the same instance with what was committed', async () => {
      const dataDir = newDataDir(uid);
      const first = start(dataDir, 'server', uid);
      const url = await ready(first);
      await ask(url, 'create table kept as select 42 as n');
      const postmaster = postmasterOf(dataDir);
      first.child.kill('SIGKILL');
      await first.ended;

      const second = start(dataDir, 'server', uid);
      await ready(second);

      assert.equal(postmasterOf(dataDir), postmaster);
      assert.equal(await ask(url, 'select n from kept'), 42);
      second.child.kill('SIGTERM');
      assert.equal(await second.ended, 0);
      assert.equal(postmasterOf(dataDir), undefined, 'whoever adopts it also stops it');
    });

    test('given a running one, when its postmaster is killed with -9, then it comes back by itself with what was committed', async () => {
      const dataDir = newDataDir(uid);
      const one = start(dataDir, 'server', uid);
      const url = await ready(one);
      await ask(url, 'create table kept as select 42 as n');
      await ask(url, 'checkpoint');
      const postmaster = postmasterOf(dataDir);
      assert.ok(postmaster);

      process.kill(postmaster, 'SIGKILL');

      assert.equal(await eventually(() => ask(url, 'select n from kept')), 42);
      assert.notEqual(postmasterOf(dataDir), postmaster);
      one.child.kill('SIGTERM');
      assert.equal(await one.ended, 0);
      assert.equal(postmasterOf(dataDir), undefined);
    });

    test('given both were killed with -9, when it is started at once, then it recovers', async () => {
      const dataDir = newDataDir(uid);
      const first = start(dataDir, 'server', uid);
      await ready(first);
      first.child.kill('SIGKILL');
      process.kill(postmasterOf(dataDir) ?? 0, 'SIGKILL');

      const second = start(dataDir, 'server', uid);

      assert.equal(await ask(await ready(second), 'select 1'), 1);
      second.child.kill('SIGTERM');
      assert.equal(await second.ended, 0);
      assert.equal(postmasterOf(dataDir), undefined);
    });

    test('given a server, when a second one starts on the same directory, then it says so and stops, and the first one goes on', async () => {
      const dataDir = newDataDir(uid);
      const first = start(dataDir, 'server', uid);
      const url = await ready(first);

      const second = start(dataDir, 'server', uid);

      assert.equal(await second.ended, 1);
      assert.match(second.said(), new RegExp(`already running on the data directory .*process ${first.child.pid}`));
      assert.equal(await ask(url, 'select 1'), 1);
      first.child.kill('SIGTERM');
      assert.equal(await first.ended, 0);
    });

    test('given a server and a tool, when the server stops first, then the tool keeps the database and stops it in the end', async () => {
      const dataDir = newDataDir(uid);
      const server = start(dataDir, 'server', uid);
      const url = await ready(server);
      const tool = start(dataDir, 'tool', uid);
      await ready(tool);

      server.child.kill('SIGTERM');
      assert.equal(await server.ended, 0);
      assert.match(server.said(), /left for others/);
      assert.equal(await ask(url, 'select 1'), 1);

      tool.child.kill('SIGTERM');
      assert.equal(await tool.ended, 0);
      assert.match(tool.said(), /^stopped$/m);
      assert.equal(postmasterOf(dataDir), undefined);
    });

    test('given an empty directory, when two start at once, then both share one database and nothing is left in the end', async () => {
      const dataDir = newDataDir(uid);
      const both = [start(dataDir, 'tool', uid), start(dataDir, 'tool', uid)];
      const urls = await Promise.all(both.map(ready));
      assert.equal(urls[0], urls[1]);

      for (const one of both) one.child.kill('SIGTERM');

      assert.deepEqual(await Promise.all(both.map((one) => one.ended)), [0, 0]);
      assert.equal(postmasterOf(dataDir), undefined);
      assert.deepEqual(readdirSync(dataDir).sort(), ['postgres', 'postgres.log'], 'the cluster of the loser is thrown away');
    });

    test('given Ctrl-C that arrives twice, when it is running, then it stops the database once and ends well', async () => {
      const dataDir = newDataDir(uid);
      const one = start(dataDir, 'server', uid);
      await ready(one);

      one.child.kill('SIGINT');
      one.child.kill('SIGINT');

      assert.equal(await one.ended, 0);
      assert.equal(postmasterOf(dataDir), undefined);
    });

    test('given its directory is deleted while it runs, when the database dies, then it says so and ends instead of reviving it for ever', async () => {
      const dataDir = newDataDir(uid);
      const one = start(dataDir, 'server', uid);
      await ready(one);
      const postmaster = postmasterOf(dataDir);

      rmSync(dataDir, { recursive: true, force: true });
      process.kill(postmaster ?? 0, 'SIGKILL');

      assert.equal(await one.ended, 1);
      assert.match(one.said(), /has been deleted/);
    });
  });
}

describe('a data directory that cannot be used', () => {
  test('given a file of that name, when it is started, then it says that it is a file', async () => {
    const dataDir = newDataDir();
    writeFileSync(dataDir, '');

    const one = start(dataDir);

    assert.equal(await one.ended, 1);
    assert.match(one.said(), /is a file, not a directory\. Choose another directory with BUDSTIKKE_DATA_DIR/);
  });

  test('given a directory of another user, when an ordinary user starts it, then it says that it cannot be written', {
    skip: canBecomeNobody ? false : 'needs root',
  }, async () => {
    const dataDir = newDataDir();
    mkdirSync(dataDir, { mode: 0o755 });

    const one = start(dataDir, 'tool', nobody);

    assert.equal(await one.ended, 1);
    assert.match(one.said(), /cannot be written \(EACCES\)\. Choose another directory with BUDSTIKKE_DATA_DIR or change its owner\./);
    assert.deepEqual(readdirSync(dataDir), []);
  });

  test('given a disk with too little room, when it is started, then it says how much it needs', {
    skip: isRoot ? false : 'needs root to make a small disk',
  }, async (t) => {
    const dataDir = newDataDir();
    mkdirSync(dataDir);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=20m,mode=755', 'tmpfs', dataDir]).status !== 0) return t.skip('no right to mount');
    try {
      const one = start(dataDir);

      assert.equal(await one.ended, 1);
      assert.match(one.said(), /has \d+ MB free; a new database needs 200 MB/);
      assert.deepEqual(readdirSync(dataDir), []);
    } finally {
      spawnSync('umount', [dataDir]);
    }
  });

  test('given a disk that has become full, when it is started again, then it says that the disk is full', {
    skip: isRoot ? false : 'needs root to make a small disk',
  }, async (t) => {
    const dataDir = newDataDir();
    mkdirSync(dataDir);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=300m,mode=755', 'tmpfs', dataDir]).status !== 0) return t.skip('no right to mount');
    try {
      const first = start(dataDir);
      await ready(first);
      process.kill(postmasterOf(dataDir) ?? 0, 'SIGKILL');
      first.child.kill('SIGKILL');
      await first.ended;
      spawnSync('sh', ['-c', `head -c 400m /dev/zero > ${join(dataDir, 'filler')}; truncate -s -8192 ${join(dataDir, 'filler')}`]);

      const one = start(dataDir);

      assert.equal(await one.ended, 1, one.said());
      assert.match(one.said(), /has 0 MB free; make room|is on a full disk|No space left/);
      assert.doesNotMatch(one.said(), /\n {4}at /);
    } finally {
      stopByPid(clusterOf(dirname(dataDir)));
      await sleep(200);
      spawnSync('umount', ['-l', dataDir]);
    }
  });

  test('given a socket directory that somebody else made first, when it is started, then it refuses to trust it', {
    skip: canBecomeNobody ? false : 'needs root',
  }, async () => {
    const dataDir = newDataDir();
    const first = start(dataDir);
    const url = await ready(first);
    first.child.kill('SIGTERM');
    await first.ended;
    const directory = new URL(url.replace('@/', '@x/')).searchParams.get('host') ?? '';
    mkdirSync(directory, { mode: 0o700 });
    chownSync(directory, 12345, 12345);

    const second = start(dataDir);

    assert.equal(await second.ended, 1);
    assert.match(second.said(), /is not a directory of user 65534 with mode 0700/);
    rmSync(directory, { recursive: true });
  });
});

test('given a value that PostgreSQL refuses, when a statement fails, then its log does not repeat the value', async () => {
  const dataDir = newDataDir();
  const one = start(dataDir);
  const url = await ready(one);

  await assert.rejects(ask(url, "select '14886498226x'::bigint"), { code: '22P02' });
  one.child.kill('SIGTERM');
  assert.equal(await one.ended, 0);

  const log = readFileSync(join(dataDir, 'postgres.log'), 'utf8');
  assert.match(log, /ready to accept connections/);
  assert.doesNotMatch(log, /14886498226/);
});

describe('a data directory that only root can reach', { skip: isRoot ? false : 'needs root' }, () => {
  test('given a parent of mode 0700, when root starts it, then the cluster lies elsewhere, the directory says where, and it is found again', async () => {
    const dataDir = newDataDir();
    chmodSync(dirname(dataDir), 0o700);
    const first = start(dataDir);
    await ask(await ready(first), 'create table kept as select 42 as n');
    first.child.kill('SIGTERM');
    assert.equal(await first.ended, 0);

    const cluster = readFileSync(join(dataDir, 'postgres-is-at'), 'utf8').trim();
    assert.match(cluster, /^\/var\/lib\/budstikke\/[0-9a-f]{16}\/postgres$/);
    assert.ok(existsSync(join(cluster, 'PG_VERSION')));
    const second = start(dataDir);
    assert.equal(await ask(await ready(second), 'select n from kept'), 42);
    second.child.kill('SIGTERM');
    assert.equal(await second.ended, 0);
    rmSync(dirname(cluster), { recursive: true });
  });

  for (const [whose, uid, runsAs] of [
    ['an ordinary user', 1, 1],
    ['a user that the machine has no name for', 12345, nobody],
  ] as const) {
    test(`given a directory of ${whose}, when root starts it, then PostgreSQL runs as user ${runsAs}`, async () => {
      const dataDir = newDataDir();
      mkdirSync(dataDir, { mode: 0o755 });
      chownSync(dataDir, uid, uid);

      const one = start(dataDir);
      await ready(one);

      assert.match(readFileSync(`/proc/${postmasterOf(dataDir)}/status`, 'utf8'), new RegExp(`^Uid:\\s+${runsAs}\\s`, 'm'));
      one.child.kill('SIGTERM');
      assert.equal(await one.ended, 0);
    });
  }
});
