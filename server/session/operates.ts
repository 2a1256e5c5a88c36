import { administers } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { partiesByNumber } from '#register/index.ts';

/** An organization's number, or `anybody` in a sandbox that is for trying out. */
export type Operator = string | undefined;

/**
 * Whether a person looks after this installation: whoever administers access at the organization that runs it, asked at each call. Without
 * a named organization nobody does.
 */
export async function operates(ctx: Context, { kind, subject }: Caller, operator: Operator): Promise<boolean> {
  if (operator === undefined || kind !== 'person' || subject === null) return false;
  if (operator === 'anybody') return true;
  return ctx.db.transaction(async (tx) => {
    const runs = (await partiesByNumber(tx, [operator])).get(operator);
    return runs !== undefined && administers(tx, subject, runs);
  });
}
