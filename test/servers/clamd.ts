import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createClamdScanner, type Scanner } from '#scanning/index.ts';
import { freePort } from '../process.ts';

const clamd = '/usr/sbin/clamd';

/** Options of tests that need Debian's clamd. */
export const withClamd = existsSync(clamd) ? ({ skip: false, timeout: 180_000 } as const) : { skip: 'clamd is not installed' };

/** In two halves, so that this file is not taken for it. */
export const eicar = Buffer.from(['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join(''), 'latin1');

export interface Clamd {
  readonly scanner: Scanner;
  signal(signal: NodeJS.Signals): boolean;
  stop(): Promise<void>;
}

/** A clamd of our own that knows one signature, that of the test string, and does not outlive us even if we are killed. */
export async function startClamd(
  options: { readonly configuration?: readonly string[]; readonly timeoutMillis?: number } = {},
): Promise<Clamd> {
  const directory = await mkdtemp(join(tmpdir(), 'budstikke-clamd-'));
  const port = await freePort();
  const configuration = [
    'Foreground yes',
    'TCPAddr 127.0.0.1',
    `TCPSocket ${port}`,
    `DatabaseDirectory ${directory}`,
    `TemporaryDirectory ${directory}`,
    ...(options.configuration ?? []),
  ];
  await writeFile(join(directory, 'eicar.ndb'), `Eicar-Test-String:0:*:${eicar.toString('hex')}\n`);
  await writeFile(join(directory, 'clamd.conf'), `${configuration.join('\n')}\n`);
  const daemon = spawn('setpriv', ['--pdeathsig', 'KILL', clamd, '--config-file', join(directory, 'clamd.conf')], { stdio: 'ignore' });
  const exited = new Promise((resolve) => daemon.once('exit', resolve));
  const stop = async (): Promise<void> => {
    daemon.kill('SIGKILL');
    await exited;
    await rm(directory, { recursive: true, force: true });
  };
  await untilReady(daemon, port).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    scanner: createClamdScanner({ host: '127.0.0.1', port, timeoutMillis: options.timeoutMillis ?? 30_000 }),
    signal: (signal) => daemon.kill(signal),
    stop,
  };
}

async function untilReady(daemon: ChildProcess, port: number): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
    if (daemon.exitCode !== null) throw new Error(`clamd ended with ${daemon.exitCode} before it was ready`);
    const socket = connect(port, '127.0.0.1', () => socket.write('zPING\0'));
    if ((await text(socket).catch(() => '')) === 'PONG\0') return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('clamd was not ready in time');
}
