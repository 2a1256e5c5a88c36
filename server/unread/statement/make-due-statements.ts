import type { Context } from '#kernel/context.ts';
import { describeFault } from '#kernel/fault.ts';
import type { PartyId } from '#kernel/ids.ts';
import { dayBefore, dayInOslo } from '../oslo.ts';
import {
  boundsOf,
  countAccepted,
  countDay,
  listLastStatements,
  lockNextDay,
  type StoredStatement,
  saveDay,
  saveStatements,
} from '../store/statement.ts';
import { measureThirtyDays } from '../store/time-to-open.ts';
import { composeStatement, type Statement, sealStatement } from './compose-statement.ts';

/** A transaction that began before midnight may commit after it. */
const settlingMillis = 15 * 60_000;

/**
 * Makes the statements of a day that is over, a quarter of an hour after it, for every sender with post that was open or accepted; a
 * sender that has none is told nothing. In one transaction, by whoever comes first. One that does not add up is made all the same, and
 * is an alarm; so is one that cannot be made, which holds up nobody else's. Days that were missed are made one by one; `more` when there are others.
 */
export async function makeDueStatements(ctx: Context): Promise<'more' | undefined> {
  const now = ctx.now();
  const yesterday = dayBefore(dayInOslo(new Date(now.getTime() - settlingMillis)));
  const made = await ctx.db.transaction(async (tx) => {
    const day = (await lockNextDay(tx)) ?? yesterday;
    if (day > yesterday) return undefined;
    const bounds = await boundsOf(tx, day);
    const [counted, accepted, last] = await Promise.all([countDay(tx, bounds), countAccepted(tx, bounds), listLastStatements(tx, day)]);
    const cells = Map.groupBy(counted, ({ sender }) => sender);
    const independent = new Map(accepted.map((one) => [one.sender, one]));
    const previous = new Map(last.map((one) => [one.sender, one]));
    const stillOpen = [...previous.values()].filter(hadOpen).map(({ sender }) => sender);
    const senders = [...new Set([...cells.keys(), ...independent.keys(), ...stillOpen])].sort();
    const opened = new Map((await measureThirtyDays(tx, senders, bounds.to)).map((one) => [one.sender, one]));
    const failed: PartyId[] = [];
    const statements = senders.flatMap((sender) => {
      const known = { cells: cells.get(sender) ?? [], independent: independent.get(sender), opened: opened.get(sender) };
      try {
        return [sealStatement(composeStatement(sender, bounds, now, { ...known, previous: previous.get(sender) }))];
      } catch (error) {
        ctx.log.error({ sender, day, ...describeFault(error) }, 'a statement could not be made');
        failed.push(sender);
        return [];
      }
    });
    saveStatements(tx, statements);
    saveDay(tx, day, { made: statements.length, failed }, now);
    return { statements, more: day < yesterday };
  });
  for (const { sender, day, broken } of made?.statements ?? [])
    if (broken.length > 0) ctx.log.error({ sender, day, broken }, 'a statement does not add up');
  return made?.more ? 'more' : undefined;
}

/** What was open must be told of again, also where it has gone without a trace; a statement that cannot be read is told of as one. */
function hadOpen({ canonical }: StoredStatement): boolean {
  try {
    const { stock, forAnother } = JSON.parse(canonical) as Pick<Statement, 'stock' | 'forAnother'>;
    return stock.openAfter! + (forAnother?.stock.openAfter ?? 0) > 0;
  } catch {
    return true;
  }
}
