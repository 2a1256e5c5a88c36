import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Closers } from './closers.ts';
import type { SideWork } from './options.ts';

/** `joined`: as the product writes. `single`: one round trip per statement, nothing joined. */
export type Shape = 'joined' | 'single';

export interface ServerStart {
  readonly databaseUrl: string;
  readonly folder: string;
  readonly shape: Shape;
  readonly sideWork: SideWork;
  /** Besides those that a bench's server always has. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Where its CPU profile goes. */
  readonly profileTo?: string | undefined;
}

/** What the server has used since it was started. */
export interface Usage {
  readonly cpuMillis: number;
  readonly residentBytes: number;
  /** Of what is resident: V8's heap, and chunks of bytes outside of it. */
  readonly heapBytes: number;
  readonly chunkBytes: number;
}

export interface BenchServer {
  readonly port: number;
  /** Where the same process answers `plain-reads.ts`. */
  readonly plainPort: number;
  readonly url: string;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

/** One address for all servers of a bench, so that a token of one is good at the next. No server listens there. */
const publicUrl = 'http://budstikke.bench.invalid';
const stopMillis = 40_000;

/** How often another port is tried when somebody has taken ours between its choice and its use. */
const mostTries = 5;

/** Starts a server and waits until it answers. */
export async function startServer(start: ServerStart, closers: Closers): Promise<BenchServer> {
  for (let tries = 1; ; tries += 1) {
    const server = await tryToStart(start, closers);
    if (server) return server;
    const said = lastLines(start.folder);
    if (tries === mostTries || !said.includes('EADDRINUSE')) throw new Error(`The server ended before it answered.\n${said}`);
  }
}

/** Undefined when it ended before it answered. */
async function tryToStart(start: ServerStart, closers: Closers): Promise<BenchServer | undefined> {
  const port = await freePort();
  const child = spawn(start, port);
  const gone = once(child, 'exit');
  const stop = closers.add(async () => {
    child.kill('SIGTERM');
    if (await Promise.race([gone, sleep(stopMillis, undefined, { ref: false })])) return;
    child.kill('SIGKILL');
    await gone;
  });
  const said = await Promise.race([once(child, 'message'), gone.then(() => undefined)]);
  if (!said) return undefined;
  return {
    port,
    plainPort: (said[0] as { plainPort: number }).plainPort,
    url: `http://127.0.0.1:${port}`,
    async usage() {
      child.send('usage');
      const [usage] = await once(child, 'message');
      return usage as Usage;
    },
    stop,
  };
}

function spawn({ databaseUrl, folder, shape, sideWork, settings: more, profileTo }: ServerStart, port: number): ChildProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('BUDSTIKKE_') && name !== 'NODE_TEST_CONTEXT');
  const settings = {
    BUDSTIKKE_MODE: 'sandbox',
    BUDSTIKKE_HOST: '127.0.0.1',
    BUDSTIKKE_PORT: String(port),
    BUDSTIKKE_PUBLIC_URL: publicUrl,
    BUDSTIKKE_DATABASE_URL: databaseUrl,
    BUDSTIKKE_DATA_DIR: folder,
    BUDSTIKKE_SANDBOX_TOWN: 'none',
    BUDSTIKKE_SANDBOX_IMPLICIT: 'none',
    BUDSTIKKE_LOG_LEVEL: 'warn',
    // Servers of a bench start often, and reading the sources is most of their start.
    NODE_COMPILE_CACHE: join(import.meta.dirname, '../node_modules/.cache/budstikke-bench'),
    ...more,
  };
  const log = openSync(logOf(folder), 'a');
  const child = fork(join(import.meta.dirname, 'server.ts'), [sideWork === 'on' ? 'all' : 'api', shape], {
    env: { ...Object.fromEntries(inherited), ...settings },
    execArgv: profileTo ? ['--cpu-prof', `--cpu-prof-dir=${profileTo}`] : [],
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  return child;
}

const logOf = (folder: string): string => join(folder, 'server.log');

/** What servers of this folder said last. */
export function lastLines(folder: string, count = 20): string {
  return readFileSync(logOf(folder), 'utf8').trimEnd().split('\n').slice(-count).join('\n');
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
