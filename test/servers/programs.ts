import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { makeScratchDirectory } from '../scratch.ts';

/** A server of Debian's that speaks S3, for as long as a test file runs. */
export interface S3Server {
  readonly endpoint: string;
  readonly region: string;
  readonly key: string;
  readonly secret: string;
  stop(): Promise<void>;
}

const directories = ['/usr/bin', '/usr/sbin', '/usr/local/bin'];
const patienceMillis = 60_000;

/** Which of the programs are not on this machine. */
export function missing(programs: readonly string[]): string[] {
  return programs.filter((name) => !directories.some((directory) => existsSync(join(directory, name))));
}

/** Programs that were started together, in a directory of their own, and go together. */
export interface Troupe {
  readonly directory: string;
  /** Runs a program to its end and gives what it printed. */
  run(program: string, args: readonly string[]): Promise<string>;
  /** Starts a program that stays. */
  start(program: string, args: readonly string[]): void;
  /** Waits until `isReady` says so. Throws with the last lines of the logs when a program ends before, or it takes too long. */
  until(what: string, isReady: () => Promise<boolean>): Promise<void>;
  /** Ends what was started, last first, each by its own process id, and removes the directory. */
  stop(): Promise<void>;
}

export function createTroupe(env: Readonly<Record<string, string>> = {}): Troupe {
  const directory = makeScratchDirectory();
  const started: { readonly name: string; readonly child: ChildProcess }[] = [];
  const environment = { ...process.env, ...env };
  const lastLines = () =>
    started.map(({ name, child }) => `${name} (${child.exitCode ?? 'runs'}): ${tail(join(directory, `${name}.log`))}`).join('\n');
  return {
    directory,
    async run(program, args) {
      const { stdout } = await promisify(execFile)(program, [...args], {
        env: environment,
        maxBuffer: 10_000_000,
        timeout: patienceMillis,
      });
      return stdout;
    },
    start(program, args) {
      const log = openSync(join(directory, `${program}.log`), 'a');
      // It goes with us, however we go.
      const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], { env: environment, stdio: ['ignore', log, log] });
      started.push({ name: program, child });
    },
    async until(what, isReady) {
      const end = Date.now() + patienceMillis;
      while (!(await isReady().catch(() => false))) {
        if (Date.now() > end || started.some(({ child }) => child.exitCode !== null)) throw new Error(`${what}: not ready\n${lastLines()}`);
        await sleep(50);
      }
    },
    async stop() {
      for (const { child } of started.toReversed()) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const ended = once(child, 'exit');
        child.kill('SIGKILL'); // nothing of it is kept
        await ended;
      }
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function tail(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(-15).join('\n') : '';
}

/** As many ports as are asked for that nobody listens on. */
export async function freePorts(many: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: many }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } finally {
    socket.destroy();
  }
}
