import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

/** A started process with all that it said so far. */
export interface Started {
  readonly child: ChildProcess;
  said(): string;
  /** Resolves when it has said something that matches; rejects when it ends first. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  /** Exit code, or the signal that killed it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

export interface StartOptions {
  readonly uid?: number;
  readonly env?: Readonly<Record<string, string>>;
}

const root = fileURLToPath(new URL('..', import.meta.url));

/** Starts a TypeScript program with the Node that runs us. */
export function startProgram(program: URL, args: readonly string[] = [], options: StartOptions = {}): Started {
  return startCommand(process.execPath, [fileURLToPath(program), ...args], options);
}

/** Starts a command in the repository's folder. Settings of our own environment are not handed on; what Node has compiled for the run is. */
export function startCommand(command: string, args: readonly string[], options: StartOptions = {}): Started {
  const identity = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid };
  const { PATH = '', NODE_COMPILE_CACHE } = process.env;
  const env = { PATH, HOME: '/nonexistent', ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }), ...options.env };
  const child = spawn(command, args, { ...identity, env, cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  living.add(child);
  let text = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      text += chunk;
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => {
    living.delete(child);
    return code ?? signal;
  });
  const waitFor = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(text);
        if (!found) return;
        listeners.delete(look);
        resolve(found);
      };
      listeners.add(look);
      look();
      ended.then((how) => reject(new Error(`ended with ${how} before it said ${pattern}. It said:\n${text}`)));
    });
  return { child, said: () => text, waitFor, ended };
}

const living = new Set<ChildProcess>();

/** A test file that is stopped in the middle takes along what it started. */
function endTogether(): void {
  for (const child of living) child.kill('SIGTERM');
}
process.on('exit', endTogether);
process.on('SIGTERM', () => process.exit(143));

/** A port of the loopback address that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
