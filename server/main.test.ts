import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase } from '../test/database.ts';
import { freePort, type Started, startCommand, startProgram } from '../test/process.ts';
import { makeScratchDirectory } from '../test/scratch.ts';
import { findPostmaster } from './db/embedded/postmaster.ts';

const main = new URL('./main.ts', import.meta.url);
const root = makeScratchDirectory();
const children: ChildProcess[] = [];

after(() => {
  for (const child of children) child.kill('SIGKILL');
  for (const name of readdirSync(root)) {
    const pid = postmasterOf(join(root, name));
    if (pid !== undefined) process.kill(pid, 'SIGQUIT');
  }
  rmSync(root, { recursive: true, force: true });
});

let count = 0;
const newDataDir = (): string => join(root, `data-${++count}`);
const postmasterOf = (dataDir: string): number | undefined => findPostmaster(join(dataDir, 'postgres'));

interface Place {
  readonly dataDir: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
}

async function newPlace(dataDir = newDataDir()): Promise<Place> {
  const port = await freePort();
  return { dataDir, port, env: { BUDSTIKKE_DATA_DIR: dataDir, BUDSTIKKE_PORT: String(port), BUDSTIKKE_LOG_LEVEL: 'warn' } };
}

let made: Promise<string> | undefined;

/** A place whose database is there: a copy of one that is made once. Making one takes longer than all that most tests ask for. */
async function settledPlace(): Promise<Place> {
  made ??= makeDatabase();
  const from = await made;
  const place = await newPlace();
  execFileSync('cp', ['-a', from, place.dataDir]); // with its owner, who is another when root runs us
  return place;
}

async function makeDatabase(): Promise<string> {
  const { dataDir, env } = await newPlace();
  const migrating = start(['migrate'], env);
  assert.equal(await migrating.ended, 0, migrating.said());
  return dataDir;
}

function start(args: readonly string[], env: Readonly<Record<string, string>>): Started {
  const started = startProgram(main, args, { env });
  children.push(started.child);
  return started;
}

const ready = (started: Started): Promise<unknown> => started.waitFor(/is ready.*\n/);

async function health({ port }: Place): Promise<number | undefined> {
  const response = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
  await response?.arrayBuffer();
  return response?.status;
}

async function stop(started: Started, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  started.child.kill(signal);
  assert.equal(await started.ended, 0, started.said());
}

describe('a server', { concurrency: 2 }, () => {
  test('given an empty directory, when it is ready it answers, and when it is told to stop it ends well and leaves no process', async () => {
    const place = await newPlace();
    const server = start([], place.env);

    await ready(server);
    assert.equal(await health(place), 200);
    assert.match(server.said(), new RegExp(`^Budstikke is ready on http://\\S+:${place.port} \\(sandbox\\)\\.\n`));
    await stop(server);

    assert.equal(await health(place), undefined);
    assert.equal(postmasterOf(place.dataDir), undefined);
  });

  test('given Ctrl-C that arrives twice, when it runs, then it ends well and leaves no process', async () => {
    const place = await settledPlace();
    const server = start(['all'], place.env);
    await ready(server);

    server.child.kill('SIGINT');
    await stop(server, 'SIGINT');

    assert.equal(postmasterOf(place.dataDir), undefined);
  });

  test('given it is told to stop while it starts, then it ends well and leaves no process', async () => {
    for (const millis of [250, 500, 900]) {
      const place = await newPlace();
      const server = start([], place.env);
      await sleep(millis);

      server.child.kill('SIGTERM');
      const how = await server.ended;

      assert.ok(how === 0 || how === 'SIGTERM', `${how}: ${server.said()}`);
      assert.equal(postmasterOf(place.dataDir), undefined);
    }
  });

  test('given a server, when a second one starts on its data directory, then it says so and stops, and the first goes on', async () => {
    const first = await settledPlace();
    const server = start([], first.env);
    await ready(server);
    const second = await newPlace(first.dataDir);

    const other = start([], second.env);

    assert.equal(await other.ended, 1);
    assert.match(other.said(), /A Budstikke server is already running on the data directory .*BUDSTIKKE_DATA_DIR/);
    assert.equal(await health(first), 200);
    await stop(server);
  });

  test('given its port is taken, when it starts, then it says so and leaves no database behind', async () => {
    const place = await settledPlace();
    const taken = createServer().listen(place.port, '127.0.0.1');
    await once(taken, 'listening');

    const server = start([], place.env);

    assert.equal(await server.ended, 1);
    assert.match(server.said(), new RegExp(`^Port ${place.port} is in use by another program.*BUDSTIKKE_PORT\\.$`, 'm'));
    assert.equal(postmasterOf(place.dataDir), undefined);
    taken.close();
  });

  test('given it was killed with -9, when it starts again, then it takes over what it left and stops it in the end', async () => {
    const place = await settledPlace();
    const killed = start([], place.env);
    await ready(killed);
    const postmaster = postmasterOf(place.dataDir);
    killed.child.kill('SIGKILL');
    await killed.ended;

    const server = start([], place.env);
    await ready(server);

    assert.equal(postmasterOf(place.dataDir), postmaster);
    await stop(server);
    assert.equal(postmasterOf(place.dataDir), undefined);
  });

  test('given its postmaster is killed with -9, when it is back, then the server answers again', async () => {
    const place = await settledPlace();
    const server = start([], place.env);
    await ready(server);

    process.kill(postmasterOf(place.dataDir) ?? 0, 'SIGKILL');

    const until = Date.now() + 30_000;
    for (;;) {
      const [status, postmaster] = [await health(place), postmasterOf(place.dataDir)];
      if (status === 200 && postmaster !== undefined) break;
      assert.ok(Date.now() < until, `health ${status}, postmaster ${postmaster}; the server said\n${server.said()}`);
      await sleep(50);
    }
    await stop(server);
    assert.equal(postmasterOf(place.dataDir), undefined);
  });

  test('given one process that serves and one that works, when both run on a data directory, then the last to stop stops the database', async () => {
    const place = await settledPlace();
    const api = start(['api'], place.env);
    await ready(api);
    const worker = start(['worker'], place.env);
    await ready(worker);

    await stop(api);
    assert.ok(postmasterOf(place.dataDir));
    await stop(worker);

    assert.equal(postmasterOf(place.dataDir), undefined);
  });

  test('given the role migrate, when it is done, then it ends by itself and leaves no process', async () => {
    const place = await newPlace();

    const migrating = start(['migrate'], place.env);

    assert.equal(await migrating.ended, 0, migrating.said());
    assert.match(migrating.said(), /^The database is up to date\.$/m);
    assert.equal(postmasterOf(place.dataDir), undefined);
  });

  test('given a database of its own, when two servers run on it, then both answer and neither starts a PostgreSQL', async () => {
    const { url } = await createTestDatabase();
    const places = [await newPlace(), await newPlace()];
    const servers = places.map(({ env }) => start([], { ...env, BUDSTIKKE_DATABASE_URL: url }));
    await Promise.all(servers.map(ready));

    assert.deepEqual(await Promise.all(places.map(health)), [200, 200]);
    for (const place of places) assert.equal(postmasterOf(place.dataDir), undefined);
    await Promise.all(servers.map((server) => stop(server)));
  });

  test('given a process that only serves, and no worker, when a rule is broken, then it rings the alarm itself, in the log and by mail', async () => {
    const { url, db } = await createTestDatabase();
    const place = await newPlace();
    await db.pool.query(
      `insert into unread.routine (sender_id, days, hour, causes, resources, send_as, send_empty, is_on, next_at, changed_at)
       values (gen_random_uuid(), '{1}', 8, '{}', '{}', 'link', false, true, clock.now() - interval '2 hours', clock.now())`,
    );
    const api = start(['api'], { ...place.env, BUDSTIKKE_DATABASE_URL: url, BUDSTIKKE_ALARM_EMAIL: 'drift@etat.example' });
    await ready(api);
    const isSent = async () => (await db.pool.query(`select from sandbox.caught where address = 'drift@etat.example'`)).rowCount === 1;
    while (!(await isSent())) await sleep(100);
    assert.match(api.said(), /"invariant":"no routine is an hour late".*invariant broken/);
    await stop(api);
  });

  test('given npm start on whatever Node the machine has, when npm is told to stop, then server and database are gone too', {
    skip: spawnSync('npm', ['--version']).status === 0 ? false : 'needs npm',
  }, async () => {
    const place = await settledPlace();
    const npm = startCommand('npm', ['start', '--silent'], { env: { ...place.env, npm_config_cache: join(root, 'npm-cache') } });
    children.push(npm.child);
    await ready(npm);
    const server = childOf(npm.child.pid ?? 0);
    assert.equal(realpathSync(`/proc/${server}/exe`), realpathSync(process.execPath), 'the Node of the packages');

    npm.child.kill('SIGTERM');
    await npm.ended;

    const until = Date.now() + 10_000;
    while (commandLineOf(server) !== '' && Date.now() < until) await sleep(20);
    assert.equal(commandLineOf(server), '');
    assert.equal(postmasterOf(place.dataDir), undefined);
  });
});

/** Empty when the process is gone, or waits for its parent to notice. */
function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** The one child of a process, or of its only child when that is a shell. */
function childOf(pid: number): number {
  const child = Number.parseInt(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'), 10);
  return /\bsh$/.test(readFileSync(`/proc/${child}/comm`, 'utf8').trim()) ? childOf(child) : child;
}

describe('a start that is refused', { concurrency: 2 }, () => {
  for (const [what, args, env, code, says] of [
    ['an unknown role', ['serve'], {}, 2, /There is no role "serve"/],
    ['a role and more', ['api', 'now'], {}, 2, /There is no role "api now"/],
    ['an unknown setting', [], { BUDSTIKKE_PROT: '1' }, 1, /BUDSTIKKE_PROT is not a setting/],
    ['a value that cannot be read', [], { BUDSTIKKE_PORT: 'seventy' }, 1, /BUDSTIKKE_PORT must be a whole number/],
    ['a database that is not there', [], { BUDSTIKKE_DATABASE_URL: 'postgres://u:topsecret@127.0.0.1:1/x' }, 1, /nothing listens there/],
  ] as const) {
    test(`given ${what}, when it starts, then it says so in plain words and nothing is made`, async () => {
      const place = await newPlace();

      const server = start(args, { ...place.env, ...env });

      assert.equal(await server.ended, code);
      assert.match(server.said(), says);
      assert.doesNotMatch(server.said(), /topsecret|\n {4}at /);
      assert.ok(!existsSync(place.dataDir));
    });
  }

  test('given production with nothing configured, when it starts, then all that is missing is named at once', async () => {
    const place = await newPlace();

    const server = start([], { ...place.env, BUDSTIKKE_MODE: 'production' });

    assert.equal(await server.ended, 1);
    for (const name of ['DATABASE_URL', 'PUBLIC_URL', 'BLOB_DIR', 'ISSUERS', 'SMTP_URL', 'MAIL_FROM', 'SMS_GATEWAY_URL', 'CLAMD']) {
      assert.match(server.said(), new RegExp(`BUDSTIKKE_${name} is missing`));
    }
    assert.ok(!existsSync(place.dataDir));
  });

  test('given --help, when it is asked, then the roles are told', async () => {
    const asked = start(['--help'], {});

    assert.equal(await asked.ended, 0);
    assert.match(asked.said(), /all .*\n.*api .*\n.*worker .*\n.*migrate .*\n[\s\S]*backup .*\n.*restore .*\n[\s\S]*reset/);
  });
});

test('given a host that does not exist, when a server starts, then it says which setting is wrong, without a stack', async () => {
  const place = await settledPlace();

  const server = start([], { ...place.env, BUDSTIKKE_HOST: 'nowhere.invalid' });

  assert.equal(await server.ended, 1);
  assert.match(server.said(), /^There is no address nowhere\.invalid \(E\w+\)\. Choose another with BUDSTIKKE_HOST\.$/m);
  assert.doesNotMatch(server.said(), /\n {4}at /);
});

test('given a place for bytes that is a file, when a server starts, then it says which setting is wrong, and stops', async () => {
  const place = await settledPlace();
  const file = `${place.dataDir}.txt`;
  writeFileSync(file, 'no directory');

  const server = start([], { ...place.env, BUDSTIKKE_BLOB_DIR: file });

  assert.equal(await server.ended, 1);
  assert.match(server.said(), /^The directory for bytes .* cannot be used \(ENOTDIR\)\..*BUDSTIKKE_BLOB_DIR\.$/m);
});

describe('reset', { concurrency: 2 }, () => {
  test('given a server that was killed, when its directory is reset, then its database is stopped and the directory is empty', async () => {
    const place = await settledPlace();
    const server = start([], place.env);
    await ready(server);
    const postmaster = postmasterOf(place.dataDir);
    server.child.kill('SIGKILL');
    await server.ended;

    const resetting = start(['reset'], place.env);

    assert.equal(await resetting.ended, 0, resetting.said());
    assert.match(resetting.said(), /^Emptied /m);
    assert.deepEqual(readdirSync(place.dataDir), []);
    assert.equal(commandLineOf(postmaster ?? 0), '');
  });

  test('given a server that runs, when its directory is reset, then that is refused with its name, and it goes on', async () => {
    const place = await settledPlace();
    const server = start([], place.env);
    await ready(server);

    const resetting = start(['reset'], place.env);

    assert.equal(await resetting.ended, 1);
    assert.match(resetting.said(), new RegExp(`is in use \\(budstikke server, process ${server.child.pid}\\).*Nothing was removed`));
    assert.equal(await health(place), 200);
    await stop(server);
  });

  test('given files of others in the data directory, when it is reset, then only what is ours goes', async () => {
    const place = await newPlace();
    mkdirSync(join(place.dataDir, 'photos'), { recursive: true });
    writeFileSync(join(place.dataDir, 'photos', '1.jpg'), 'a child');
    const server = start([], place.env);
    await ready(server);
    writeFileSync(join(place.dataDir, 'blobs', 'note.txt'), 'mine');
    await stop(server);

    const resetting = start(['reset'], place.env);

    assert.equal(await resetting.ended, 0, resetting.said());
    assert.deepEqual(readdirSync(place.dataDir).sort(), ['blobs', 'photos']);
    assert.deepEqual(readdirSync(join(place.dataDir, 'blobs')), ['note.txt']);
    assert.deepEqual(readdirSync(join(place.dataDir, 'photos')), ['1.jpg']);
  });

  test('given a directory of somebody else, when it is reset, then nothing is removed', async () => {
    const place = await newPlace();
    mkdirSync(place.dataDir);
    writeFileSync(join(place.dataDir, 'thesis.txt'), 'years of work');

    const resetting = start(['reset'], place.env);

    assert.equal(await resetting.ended, 1);
    assert.match(resetting.said(), /does not look like a data directory of Budstikke/);
    assert.deepEqual(readdirSync(place.dataDir), ['thesis.txt']);
  });

  test('given a file in place of the directory, when it is reset, then that is said and the file is there', async () => {
    const place = await newPlace();
    writeFileSync(place.dataDir, 'mine');

    const resetting = start(['reset'], place.env);

    assert.equal(await resetting.ended, 1);
    assert.match(resetting.said(), /is a file, not a data directory\. Nothing was removed\./);
    assert.doesNotMatch(resetting.said(), /\n {4}at /);
    assert.equal(readFileSync(place.dataDir, 'utf8'), 'mine');
  });

  test('given no directory at all, when it is reset, then there is nothing to do and nothing is made', async () => {
    const place = await newPlace();

    const resetting = start(['reset'], place.env);

    assert.equal(await resetting.ended, 0);
    assert.ok(!existsSync(place.dataDir));
  });
});
