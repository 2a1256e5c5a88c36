import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty, type Party } from '#register/index.ts';
import { accessErrors } from '../errors.ts';
import { lockAccess } from '../store/versions.ts';
import { callingPerson } from './create-grant.ts';
import { type Given, giveAccess, refuseGiving, type Wish } from './give-access.ts';
import { findRecipient } from './named-party.ts';
import { rightsToGive } from './right-to-give.ts';

/** One thing among those that are given together. One that is not `needed` is left out where the caller may not give it. */
export interface TogetherWish extends Wish {
  readonly isNeeded: boolean;
}

/** What is given in one step, to one party, at another. */
export interface GivingTogether {
  readonly at: PartyId;
  /** A party's number or id, as everywhere. Null: the caller itself. */
  readonly to: string | null;
  readonly lastName: string | null;
  readonly until: Date | null;
  /** Says under the lock what is to be given, or refuses. */
  readonly choose: (tx: Tx) => Promise<readonly TogetherWish[]>;
  /** Does, in the same transaction, what depends on it. */
  readonly andThen: (tx: Tx, given: readonly Given[]) => Promise<void>;
}

/**
 * The calling person gives several things to one party in one transaction, by the rules that hold for each of them alone. Refuses
 * whatever `createGrant` does.
 */
export async function giveTogether(ctx: Context, caller: Caller, giving: GivingTogether): Promise<Given[]> {
  const by = callingPerson(caller);
  if (giving.until && giving.until <= ctx.now()) throw refuse(accessErrors.untilPassed);
  const { to: text, lastName } = giving;
  const mayName = () => ctx.db.transaction((tx) => refuseGivingTogether(tx, caller, giving));
  const to = text === null ? await findParty(ctx.db, by) : await findRecipient(ctx, caller, { text, lastName }, mayName);
  return ctx.db.transaction(async (tx) => {
    await lockAccess(tx, giving.at);
    const at = (await findParty(tx, giving.at))!;
    const given: Given[] = [];
    for (const wish of await givable(tx, caller, at, await giving.choose(tx))) {
      given.push(await giveAccess(tx, ctx, caller, { at, to, wish, by })); // as many as a message has resources
    }
    await giving.andThen(tx, given);
    return given;
  });
}

async function refuseGivingTogether(tx: Tx, caller: Caller, { at, choose }: GivingTogether): Promise<void> {
  const party = (await findParty(tx, at))!;
  const needed = (await choose(tx)).filter(({ isNeeded }) => isNeeded);
  for (const wish of needed) await refuseGiving(tx, caller, party, wish); // as many as a message has resources
}

async function givable(tx: Tx, caller: Caller, at: Party, wishes: readonly TogetherWish[]): Promise<readonly TogetherWish[]> {
  const paths = await rightsToGive(tx, caller, at, wishes);
  return wishes.filter(({ isNeeded }, i) => isNeeded || paths[i] !== undefined);
}
