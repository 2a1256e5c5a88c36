import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Closers } from './closers.ts';
import type { LoadPlan, LoadResult } from './load-plan.ts';

/** Carries out a plan in a process of its own, and tells what came of it. */
export async function load(plan: LoadPlan, closers: Closers): Promise<LoadResult> {
  const child = fork(join(import.meta.dirname, 'load.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const gone = once(child, 'exit');
  const stop = closers.add(async () => {
    child.kill('SIGTERM');
    await gone;
  });
  child.send(plan);
  const said = await Promise.race([once(child, 'message'), gone.then(() => undefined)]);
  await stop();
  if (!said) throw new Error('The load ended before it had told what came of it.');
  return said[0] as LoadResult;
}
