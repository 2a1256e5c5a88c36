import { fork } from 'node:child_process';
import { on, once } from 'node:events';
import type { Batch } from './batches.ts';

/** What is looked at of what a reporter is told. */
export interface Heard {
  readonly type: string;
  readonly data: {
    readonly name: string;
    readonly nesting: number;
    readonly file?: string;
    readonly skip?: string | boolean;
    readonly message: string;
    readonly success?: boolean;
    readonly details: { readonly duration_ms: number; readonly type?: string; readonly error: object };
  };
}

interface Options {
  readonly cwd: string;
  readonly timeout: number;
  readonly signal: AbortSignal;
}

const program = new URL('share-process.ts', import.meta.url);

/**
 * Runs several test files in one process, and gives what a reporter is told of each. Where the process ends before it has told of all, or
 * something failed of which no test was named, all of them have failed.
 */
export async function* runShared(batch: Batch, { cwd, timeout, signal }: Options): AsyncGenerator<Heard> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env; // a run inside a run would say nothing
  const child = fork(program, [...batch], { cwd, env, serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const ended = once(child, 'close');
  const late = setTimeout(() => child.kill('SIGKILL'), timeout);
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  const printed: string[] = [];
  for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8').on('data', (text: string) => printed.push(text));
  let hasFailed = false;
  let isWell = false;
  for await (const [event] of on(child, 'message', { close: ['disconnect'] })) {
    const heard = event as Heard;
    if (heard.type === 'test:fail') hasFailed = true;
    if (heard.type === 'test:summary') isWell = heard.data.success === true;
    yield heard;
  }
  const [code, killed] = await ended;
  clearTimeout(late);
  signal.removeEventListener('abort', stop);
  if (printed.length > 0) yield said('test:stdout', printed.join(''));
  if (hasFailed || (isWell && code === 0)) return;
  const failure = new Error(`The process of ${batch.join(', ')} ended with ${killed ?? code} and named no test that failed.`);
  yield said('test:fail', failure.message, failure);
}

function said(type: string, message: string, error: object = {}): Heard {
  return { type, data: { name: message, message, nesting: 0, details: { duration_ms: 0, type: 'test', error } } };
}
