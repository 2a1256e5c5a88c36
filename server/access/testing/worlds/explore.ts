import type { Db, Tx } from '#kernel/database.ts';
import { compareWorlds, emptyTally, type Tally } from './compare.ts';
import { Random } from './random.ts';
import { makeSlots, type Slot } from './slot.ts';
import { type Happening, happeningNames, happenings, makeWorld, type SmallWorld } from './small-world.ts';
import { type Change, writeChanges } from './write-world.ts';

export interface Exploration {
  readonly db: Db & { readonly pool: { query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> } };
  readonly seed: number;
  readonly worlds: number;
  /** How many stand in the database at once. */
  readonly atOnce?: number;
  /** How often each is changed. */
  readonly changes?: number;
  readonly onBatch?: (done: number) => void;
}

export interface Explored {
  readonly worlds: number;
  readonly tally: Tally;
  /** The first that does not agree, and how to come back to it. */
  readonly wrong: string | undefined;
}

const hour = 3_600_000;

/**
 * Makes worlds one after the other in a few slots of one database, asks everything, changes each of them some times, and asks
 * everything again; an hour passes from one time to the next. Ends with the first that does not agree with the slow way.
 * Since slots are used again, and the questions stay the same, whatever is remembered from one time to the next must be seen to be old.
 */
export async function exploreWorlds({ db, seed, worlds, atOnce = 40, changes = 3, onBatch }: Exploration): Promise<Explored> {
  const slots = await makeSlots(db, Math.min(atOnce, worlds));
  const tally = emptyTally();
  const standing = new Map<Slot, SmallWorld>();
  for (let done = 0; done < worlds; done += slots.length) {
    const batch = slots.slice(0, worlds - done).map((slot, i) => {
      const random = new Random(seed * 1_000_003 + done + i);
      return { slot, random, number: done + i, world: makeWorld(random, slot), history: [] as Happening[] };
    });
    const start = await domainTime(db);
    const momentOf = (step: number) => new Date(start + step * hour - hour / 2);
    for (let step = 0; step <= changes; step += 1) {
      if (step > 0) {
        await passAnHour(db);
        for (const each of batch) {
          const name = each.random.pick(happeningNames);
          each.history.push(name);
          each.world = happenings[name](each.random, each.slot, each.world);
        }
      }
      const changed = batch.map(({ slot, world }): Change => ({ slot, before: standing.get(slot), after: world, anew: step === 0 }));
      await db.transaction(async (tx: Tx) => writeChanges(tx, changed, momentOf));
      for (const { slot, world } of batch) standing.set(slot, world);
      const said = await compareWorlds(
        db,
        batch.map(({ slot, world }) => ({ slot, world, step })),
        tally,
      );
      const first = said.findIndex((each) => each !== undefined);
      if (first >= 0) {
        const { number, history, world } = batch[first]!;
        const wrong = `seed ${seed}, world ${number}, after [${history.join(', ')}]: ${said[first]}\n${JSON.stringify(world)}`;
        return { worlds: number + 1, tally, wrong };
      }
    }
    onBatch?.(done + batch.length);
  }
  return { worlds, tally, wrong: undefined };
}

async function domainTime(db: Exploration['db']): Promise<number> {
  const { rows } = await db.pool.query('select clock.now() as now');
  return (rows[0] as { now: Date }).now.getTime();
}

async function passAnHour(db: Exploration['db']): Promise<void> {
  await db.pool.query(`update clock.shift set by = by + interval '1 hour'`);
}
