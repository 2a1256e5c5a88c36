import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { newId } from '#kernel/ids.ts';
import { type ErrorRow, Refusal } from '#kernel/refusal.ts';
import { mayEach } from '../decide/may.ts';
import { saveAttempts } from '../store/audit.ts';
import { type Arrived, findArrived } from './store.ts';

/** What somebody tries to do with messages or files, by their ids. */
export interface Attempt {
  readonly things: readonly string[];
  readonly action: 'look' | 'open' | 'mark-as-read' | 'confirm' | 'delete' | 'download' | 'forward' | 'label' | 'share';
}

const hourMillis = 3_600_000;

/**
 * Does what somebody tries with messages or files; where it is refused for want of a right, those whose post it is find the attempt in
 * their log. What was tried has been rolled back by then, so the entry has a transaction of its own. One an hour for each caller, thing
 * and act: whoever goes on trying fills nobody's log. What does not exist, has not come to its recipients yet or has been taken back is
 * nobody's, and leaves nothing. Of many at once those are noted that the caller may not read.
 */
export async function notingRefusals<T>(
  ctx: Context,
  caller: Caller,
  { forWantOf, ...attempt }: Attempt & { readonly forWantOf: ErrorRow },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // that it cannot be noted makes no other answer of a refusal
    if (error instanceof Refusal && error.row === forWantOf)
      await note(ctx, caller, attempt).catch(() => ctx.log.error({ act: attempt.action }, 'a refused attempt was not noted'));
    throw error;
  }
}

function note(ctx: Context, caller: Caller, { things, action }: Attempt): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    const arrived = await findArrived(tx, things);
    const refused = things.length > 1 ? await withoutReadable(tx, caller, arrived) : arrived;
    const at = ctx.now();
    const hour = Math.floor(at.getTime() / hourMillis) * hourMillis;
    saveAttempts(
      tx,
      refused.map(({ id: thing, recipient: party, resource, place }) => ({
        ...{ id: newId(), at, party, resource, thing, action },
        // one an hour in each log: those of several recipients are told apart by the recipient's place
        hour: new Date(hour + place),
        ...{ subject: caller.subject, askedBy: caller.consumer ?? caller.party, clientId: caller.clientId },
      })),
    );
  });
}

async function withoutReadable(tx: Tx, caller: Caller, arrived: readonly Arrived[]): Promise<Arrived[]> {
  const rights = await mayEach(
    tx,
    arrived.map(({ id, recipient: party, resource }) => ({ caller, question: { action: 'read', resource, party, instance: id } })),
  );
  return arrived.filter((_, i) => !rights[i]!.permit);
}
