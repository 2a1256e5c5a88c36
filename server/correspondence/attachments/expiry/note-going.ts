import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { enoughToTell, keepBytesUntil, tellBytesGoing } from '#watch/index.ts';
import { claimGoing, endGoing, goingWith, listCarrying, saveGoingSoFar } from '../../store/going.ts';

/**
 * Writes to the watches of letters whose attachments' bytes go until when they are there, `atOnce` in a transaction, and then has their
 * senders told. How far it has come is kept: what a process that dies leaves behind the next goes on with. Any number of processes may run it.
 */
export async function noteGoing(ctx: Context, atOnce = 2000): Promise<void> {
  while (await ctx.db.transaction((tx) => noteSome(tx, atOnce, ctx.now()))) {
    // the next
  }
}

async function noteSome(tx: Tx, atOnce: number, at: Date): Promise<boolean> {
  const going = await claimGoing(tx);
  if (!going) return false;
  const submissions = await listCarrying(tx, going, atOnce);
  if (submissions.length === 0) {
    await tellBytesGoing(tx, going.telling, at);
    endGoing(tx, going);
    return true;
  }
  const found = await keepBytesUntil(tx, goingWith(going, submissions), at);
  saveGoingSoFar(tx, { ...going, after: submissions.at(-1)!, telling: enoughToTell([...going.telling, ...found]) });
  return true;
}
