import { createHash } from 'node:crypto';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { Refusal } from '#kernel/refusal.ts';
import { type Party, partiesByNumber } from '#register/index.ts';
import { accessErrors } from '../errors.ts';
import { countFailure, forgetEmptyCounts, lockGuesses } from '../store/name-guesses.ts';

/** Failures in an hour, of one caller and about one number. */
const most = 10;

/**
 * A living person by number and last name; undefined where they do not fit, which is counted for the caller and for the number, in all
 * processes together. Past ten in an hour of either nothing is looked up, and it is not told of which. Whoever names somebody waits for
 * others that do so as the same caller or about the same number, so that many at once are no more than ten. The count is committed
 * whatever becomes of the request. Called outside transactions. Refuses guessedTooOften.
 */
export function personNamed(ctx: Context, caller: Caller, number: string, lastName: string): Promise<Party | undefined> {
  const counts = [`by ${caller.subject ?? caller.consumer ?? caller.clientId}`, `of ${digestOf(number)}`];
  return ctx.db.transaction(async (tx) => {
    for (const about of counts) await refuseIfOver(tx, about);
    const found = (await partiesByNumber(tx, [number])).get(number);
    const fits = found?.kind === 'person' && found.alive && lastOf(found.name) === lastOf(lastName);
    if (!fits) countFailure(tx, counts);
    else forgetEmptyCounts(tx, counts);
    return fits ? found : undefined;
  });
}

/** Always the caller's first, then the number's: nobody waits in a ring. */
async function refuseIfOver(tx: Tx, about: string): Promise<void> {
  const { failures, secondsLeft } = await lockGuesses(tx, about);
  if (failures >= most) throw new Refusal(accessErrors.guessedTooOften, {}, { 'retry-after': String(Math.max(1, secondsLeft)) });
}

/** Numbers of persons who may not be known here are not kept. */
const digestOf = (number: string) => createHash('sha256').update(`budstikke name guess ${number}`).digest('hex');

const lastOf = (name: string) => name.trim().split(/\s+/).at(-1)?.toLowerCase();
