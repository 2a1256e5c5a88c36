import { createHash } from 'node:crypto';
import type { Caller, Context } from '#kernel/context.ts';
import { Refusal } from '#kernel/refusal.ts';
import { type Party, partiesByNumber } from '#register/index.ts';
import { accessErrors } from '../errors.ts';
import { countFailure, forgetEmptyCounts, lockGuesses, type NameGuesses } from '../store/name-guesses.ts';

/** Failures in an hour, of one caller and about one number. */
const most = 10;
/** Of those at a number that many fail at, whoever else did: what others guess keeps nobody from naming a person rightly. */
const mostOfOne = 3;

/** Asks, before anybody is looked up, whether the caller may give at all what it names the person for; refuses where it may not. */
export type MayName = () => Promise<void>;

/**
 * A living person by number and last name, for a caller who may give there; undefined where they do not fit, which is counted for the
 * caller and for the number, in all processes together. Past ten in an hour of the caller's own, or past three of its own about a number
 * of which ten have failed, nothing is looked up, and it is not told of which. Whoever may not give is refused before that, and neither
 * counted nor told anything. Who names somebody waits for others that do so as the same caller or about the same number, so that many
 * at once are no more than ten. The count is committed whatever becomes of the request. Called outside transactions.
 * Refuses guessedTooOften, and what `mayName` does.
 */
export async function personNamed(
  ctx: Context,
  caller: Caller,
  { number, lastName }: { readonly number: string; readonly lastName: string },
  mayName: MayName,
): Promise<Party | undefined> {
  await mayName();
  const [who, whom] = [caller.subject ?? caller.consumer ?? caller.clientId, digestOf(number)];
  const counts = [`by ${who}`, `by ${who} of ${whom}`, `of ${whom}`];
  return ctx.db.transaction(async (tx) => {
    // always in this order: nobody waits in a ring
    const [all, own, others] = [await lockGuesses(tx, counts[0]!), await lockGuesses(tx, counts[1]!), await lockGuesses(tx, counts[2]!)];
    if (all.failures >= most) throw tooOften(all);
    if (own.failures >= mostOfOne && others.failures >= most) throw tooOften(others);
    const found = (await partiesByNumber(tx, [number])).get(number);
    const fits = found?.kind === 'person' && found.alive && lastOf(found.name) === lastOf(lastName);
    if (!fits) countFailure(tx, counts);
    else forgetEmptyCounts(tx, counts);
    return fits ? found : undefined;
  });
}

function tooOften({ secondsLeft }: NameGuesses): Refusal {
  return new Refusal(accessErrors.guessedTooOften, {}, { 'retry-after': String(Math.max(1, secondsLeft)) });
}

/** Numbers of persons who may not be known here are not kept. */
const digestOf = (number: string) => createHash('sha256').update(`budstikke name guess ${number}`).digest('hex');

const lastOf = (name: string) => name.trim().split(/\s+/).at(-1)?.toLowerCase();
