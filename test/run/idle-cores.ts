import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const lookMillis = 2_000;
/** Cores that are busy for more than this finish nothing sooner by beginning more: each that runs already takes longer, and some past their patience. */
const busyShare = 0.95;

/** Resolves when the cores have had something to spare for a while, or when it need not be waited for that any more. */
export async function untilCoresAreIdle(isNeedless: () => boolean): Promise<void> {
  for (let before = coreMillis(); !isNeedless(); ) {
    await sleep(lookMillis);
    const now = coreMillis();
    if (now.busy - before.busy < busyShare * (now.all - before.all)) return;
    before = now;
  }
}

function coreMillis(): { readonly busy: number; readonly all: number } {
  const times = cpus().map((core) => core.times);
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { all, busy: all - times.reduce((sum, { idle }) => sum + idle, 0) };
}
