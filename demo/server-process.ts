import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A Budstikke of its own: a child process on a port and a folder that nobody else uses. */
export interface ServerProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Where its data and its log lie. */
  readonly folder: Folder;
  /** Settles when it answers, or fails with its last lines when it does not come to that. */
  readonly ready: Promise<void>;
  /** Asks it to stop, waits until it has, its database too, and answers its exit code. Doing it twice is harmless. */
  stop(): Promise<number | null>;
  /** Takes it away in the middle of whatever it does, as a power cut would, and waits until it is gone. */
  kill(): Promise<void>;
}

export interface Folder {
  readonly path: string;
  readonly data: string;
  readonly log: string;
  /** Removes it, and the database too where that could not lie inside. */
  remove(): Promise<void>;
}

export interface Start {
  readonly folder: Folder;
  readonly port?: number | undefined;
  /** Default: all. A worker answers nothing; it is ready when it says so. */
  readonly role?: 'all' | 'api' | 'worker' | undefined;
  readonly environment?: Readonly<Record<string, string>>;
}

const project = resolve(import.meta.dirname, '..');
const startSeconds = 60;
const stopSeconds = 50;

/** A new folder in the system's temporary directory. Others may pass through it: a database that is started by root runs as somebody else. */
export async function makeFolder(name: string): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), `budstikke-${name}-`)).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`The temporary directory ${tmpdir()} cannot be used (${error.code}). Set TMPDIR to one that can.`);
  });
  await chmod(path, 0o711);
  const data = join(path, 'data');
  await mkdir(data);
  const remove = async (): Promise<void> => {
    const elsewhere = await readFile(join(data, 'postgres-is-at'), 'utf8').catch(() => undefined);
    if (elsewhere) await rm(dirname(elsewhere.trim()), { recursive: true, force: true });
    await rm(path, { recursive: true, force: true });
  };
  return { path, data, log: join(path, 'server.log'), remove };
}

/** Starts the server and waits until it answers. */
export async function startServer(start: Start): Promise<ServerProcess> {
  const server = await launchServer(start);
  await server.ready.catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  return server;
}

/** Starts the server. Whoever calls this must wait for `ready`, and can stop it before. */
export async function launchServer({ folder, port: wanted, role = 'all', environment = {} }: Start): Promise<ServerProcess> {
  const port = wanted ?? (await freePort());
  // Whoever listens there would be taken for the server that is being started, and be seeded.
  if (role !== 'worker' && !(await isFree(port))) throw new Error(`Port ${port} is in use by another program. Choose another.`);
  const url = `http://127.0.0.1:${port}`;
  const child = spawnServer(folder, role, {
    BUDSTIKKE_PORT: String(port),
    BUDSTIKKE_HOST: '127.0.0.1',
    BUDSTIKKE_DATA_DIR: folder.data,
    BUDSTIKKE_PUBLIC_URL: url,
    ...environment,
  });
  const isReady = role === 'worker' ? saysReady(folder) : () => isHealthy(url);
  const gone = once(child, 'exit');
  const dieWithUs = (): void => void child.kill('SIGTERM');
  process.once('exit', dieWithUs);
  gone.then(() => process.off('exit', dieWithUs));

  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM');
    const stopped = await Promise.race([gone.then(() => true), sleep(stopSeconds * 1000, false, { ref: false })]);
    if (stopped) return child.exitCode;
    await kill();
    throw new Error(`The server (process ${child.pid}) did not stop within ${stopSeconds} seconds.\n${lastLines(folder)}`);
  };
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  return { url, port, pid: child.pid ?? 0, folder, ready: untilReady(child, folder, isReady), stop, kill };
}

/**
 * The server leads a process group of its own, so that Ctrl-C in a terminal reaches the one that started it,
 * who then stops it in order. It writes to a file: a pipe would die with its reader.
 */
function spawnServer(folder: Folder, role: string, settings: Readonly<Record<string, string>>): ChildProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('BUDSTIKKE_') && name !== 'NODE_TEST_CONTEXT');
  const log = openSync(folder.log, 'a');
  const child = spawn(process.execPath, [join(project, 'server/main.ts'), role], {
    cwd: project,
    env: { ...Object.fromEntries(inherited), ...settings },
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  return child;
}

/** Asks again and again until `isReady`. */
async function untilReady(child: ChildProcess, folder: Folder, isReady: () => Promise<boolean>): Promise<void> {
  const until = Date.now() + startSeconds * 1000;
  while (Date.now() < until) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`The server stopped while it started.\n${lastLines(folder)}`);
    if (await isReady()) return;
    await sleep(50);
  }
  throw new Error(`The server was not ready within ${startSeconds} seconds.\n${lastLines(folder)}`);
}

async function isHealthy(url: string): Promise<boolean> {
  const health = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
  await health?.arrayBuffer();
  return health?.status === 200;
}

/** For a process that answers nothing: whether it has said, since it was started, that it is ready. */
function saysReady(folder: Folder): () => Promise<boolean> {
  const before = readFileSync(folder.log, 'utf8').length;
  return async () => readFileSync(folder.log, 'utf8').slice(before).includes('is ready');
}

/** What the server said last: the end of its log, for a person who must find out why. */
export function lastLines(folder: Folder, count = 20): string {
  return readFileSync(folder.log, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port was found on 127.0.0.1.');
  return address.port;
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    const listening = once(probe, 'listening');
    probe.listen(port, '127.0.0.1');
    await listening;
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}
