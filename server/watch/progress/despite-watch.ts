import { CommitUnknown, isConnectionLoss, isContention } from '#db/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Db, Tx } from '#kernel/database.ts';
import { describeFault } from '#kernel/fault.ts';
import { Overloaded } from '#kernel/overloaded.ts';
import { Refusal } from '#kernel/refusal.ts';
import { nameOf } from '../climb/leave-out.ts';
import type { WatchItem } from '../store/item.ts';
import { forgetLeftOut, listOwed, type OwedAct, saveOwed, takeOwed } from '../store/left-out.ts';
import { actOf, type Confirmation, decideAct, noteConfirmed, noteOpened, type Opening } from './note-acts.ts';

/** How a reader's acts are told to their watches. */
export interface Noting {
  opened(tx: Tx, openings: readonly Opening[]): Promise<unknown>;
  confirmed(tx: Tx, confirmations: readonly Confirmation[]): Promise<unknown>;
}

export const notingAtOnce: Noting = { opened: noteOpened, confirmed: noteConfirmed };
const mostTaken = 500;

/**
 * What a reader does by its own right, in one transaction with its watch. Where that fails by no refusal, and would not fail without the
 * watch, the reader's right holds: it is done, the operator is told, and what the watch should have heard is kept, and told to it once it
 * is mended (`takeUpOwed`). `usual`: how it is done where nothing is wrong, if others share that transaction.
 */
export async function despiteWatch<T>(
  ctx: Context,
  work: (tx: Tx, noting: Noting) => Promise<T>,
  usual: () => Promise<T> = () => ctx.db.transaction((tx) => work(tx, notingAtOnce)),
): Promise<T> {
  try {
    return await usual();
  } catch (error) {
    if (isNotOfWatch(error)) throw error;
    const owed: string[] = [];
    const answer = await ctx.db.transaction((tx) => work(tx, owing(nameOf(error), owed)));
    if (owed.length > 0)
      ctx.log.error({ about: owed[0]!, ...describeFault(error) }, 'a watch could not take up what its reader did; it is kept for it');
    return answer;
  }
}

const isNotOfWatch = (error: unknown): boolean =>
  error instanceof Refusal ||
  error instanceof Overloaded ||
  error instanceof CommitUnknown ||
  isConnectionLoss(error) ||
  isContention(error);

function owing(error: string, owed: string[]): Noting {
  const keep = async (tx: Tx, rows: readonly OwedAct[]) => {
    owed.push(...rows.map(({ about }) => about));
    saveOwed(tx, rows, error);
  };
  return {
    opened: (tx, openings) =>
      keep(
        tx,
        openings.map(({ about, party, at, by, ...how }) => ({ about, party, at, by, act: actOf(how) })),
      ),
    confirmed: (tx, confirmations) =>
      keep(
        tx,
        confirmations.map((confirmation) => ({ ...confirmation, act: 'confirmed' })),
      ),
  };
}

/** Pure. A watch as it would be if it had heard what its reader did, which is owed to it. */
export function asIfHeard(item: WatchItem, owed: readonly OwedAct[]): WatchItem {
  let heard = item;
  for (const { act, at } of owed) {
    if (act === 'fetched') {
      heard = { ...heard, fetchedBySystemAt: heard.fetchedBySystemAt ?? at };
      continue;
    }
    const decision = decideAct(heard, act);
    if (decision.kind === 'was-settled') break;
    const times = act === 'confirmed' ? { confirmedAt: heard.confirmedAt ?? at } : { openedAt: heard.openedAt ?? at };
    heard = { ...heard, ...times, ...(decision.kind === 'settled' ? { settledAt: at, outcome: decision.outcome } : {}) };
  }
  return heard;
}

/** Where the next round goes on: what stays broken keeps nothing behind it from being tried. */
const goneThrough = new WeakMap<Db, OwedAct>();

/**
 * Watches that are whole again hear what their readers did meanwhile; says of how many acts. A round tries so many, and the next one those
 * behind them, from the oldest again when all have been tried. Any number of workers may run it.
 */
export async function takeUpOwed(ctx: Context, most = mostTaken): Promise<number> {
  let taken = 0;
  const round = await listOwed(ctx.db, goneThrough.get(ctx.db) ?? null, most);
  if (round.length < most) goneThrough.delete(ctx.db);
  else goneThrough.set(ctx.db, round.at(-1)!);
  for (const owed of round) {
    try {
      taken += await ctx.db.transaction(async (tx) => ((await takeOwed(tx, owed)) ? note(tx, owed) : 0));
    } catch (error) {
      if (isNotOfWatch(error)) throw error; // else it stays owed, and its rule rings
    }
  }
  await ctx.db.transaction(async (tx) => forgetLeftOut(tx));
  return taken;
}

async function note(tx: Tx, { act, ...row }: OwedAct): Promise<number> {
  if (act === 'confirmed') await noteConfirmed(tx, [row]);
  else await noteOpened(tx, [{ ...row, kind: act === 'opened' ? 'person' : 'system', awaitsPerson: act === 'fetched' }]);
  return 1;
}
