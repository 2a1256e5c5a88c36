import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { describeFault } from '#kernel/fault.ts';

/** `more`: a full batch was done and there may be another; it is run again at once. */
export type Swept = 'more' | undefined;

/** Looks at an interval for what should have moved and has not. */
export interface Sweeper<C extends Context = Context> {
  /** `feature.verb-noun` */
  readonly name: string;
  /** Real time. */
  readonly everySeconds: number;
  readonly run: (ctx: C) => Promise<Swept>;
  /** Runs it now in this process, or once more right after the run under way. A speed-up, never the guarantee. */
  wake(): void;
}

/** Names a sweeper. `run` does one batch, says `more` when there may be another, and may be run twice. */
export function sweeper<C extends Context>(row: { name: string; everySeconds: number; run: (ctx: C) => Promise<unknown> }): Sweeper<C> {
  const listeners = new Set<() => void>();
  const made: Sweeper<C> = {
    name: row.name,
    everySeconds: row.everySeconds,
    run: async (ctx) => ((await row.run(ctx)) === 'more' ? 'more' : undefined),
    wake: () => {
      for (const listener of listeners) listener();
    },
  };
  wakers.set(made, listeners);
  return made;
}

const wakers = new WeakMap<object, Set<() => void>>();

/** A sweeper whose context no longer matters: what a worker runs. */
// biome-ignore lint/suspicious/noExplicitAny: sweepers of different contexts stand in one list
export type AnySweeper = Sweeper<any>;

/**
 * Runs each sweeper at once and then at its interval, never overlapping with itself. An error is logged and the sweeper
 * tried again at its next time. `stop` waits for the batches under way.
 */
export function startSweepers(ctx: Context, sweepers: readonly AnySweeper[]): { stop(): Promise<void> } {
  const running = sweepers.map((each) => startSweeper(ctx, each));
  return { stop: async () => void (await Promise.all(running.map((each) => each.stop()))) };
}

function startSweeper(ctx: Context, swept: AnySweeper): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  const counted = countWrites(ctx);

  const wake = (): void => {
    if (stopped) return;
    again = true;
    clearTimeout(timer);
    current ??= sweep().finally(() => {
      current = undefined;
      if (stopped) return;
      if (again) wake();
      else timer = setTimeout(wake, swept.everySeconds * 1000);
    });
  };

  const sweep = async (): Promise<void> => {
    while (again && !stopped) {
      again = false;
      if ((await runOnce(counted, swept)) === 'more') again = true;
    }
  };

  wakers.get(swept)?.add(wake);
  wake();
  return {
    async stop() {
      stopped = true;
      wakers.get(swept)?.delete(wake);
      clearTimeout(timer);
      await current;
    },
  };
}

async function runOnce({ ctx, takeWrites }: Counted<Context>, { name, run }: AnySweeper): Promise<Swept> {
  const started = performance.now();
  try {
    const swept = await run(ctx);
    const writes = takeWrites();
    if (writes > 0) ctx.log.debug({ sweeper: name, writes, ms: Math.round(performance.now() - started) }, 'a sweeper found work');
    return swept;
  } catch (error) {
    ctx.log.error({ sweeper: name, ...describeFault(error) }, 'a sweeper failed; it will be tried again');
    return undefined;
  }
}

interface Counted<C extends Context> {
  readonly ctx: C;
  /** How many statements have written something through it since this was last asked. */
  takeWrites(): number;
}

/** The same context, which counts what is written through it. */
function countWrites<C extends Context>(ctx: C): Counted<C> {
  let writes = 0;
  const counting = (tx: Tx): Tx => ({
    ...tx,
    async run(query) {
      const rows = await tx.run(query);
      if (rows > 0) writes += 1;
      return rows;
    },
    send(query) {
      writes += 1;
      tx.send(query);
    },
  });
  const db: C['db'] = { ...ctx.db, transaction: (work) => ctx.db.transaction((tx) => work(counting(tx))) };
  const takeWrites = (): number => {
    const taken = writes;
    writes = 0;
    return taken;
  };
  return { ctx: { ...ctx, db }, takeWrites };
}
