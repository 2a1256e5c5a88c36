import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty, type Party } from '#register/index.ts';
import { accessErrors } from '../errors.ts';
import { lockAccess } from '../store/versions.ts';
import { callingPerson } from './create-grant.ts';
import { type Given, giveAccess, type Wish } from './give-access.ts';
import { findRecipient } from './named-party.ts';
import { demandAdministeringLogin, rightsToGive } from './right-to-give.ts';

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
  /** Says under the lock what is to be given, or refuses; what somebody has already may be left out. Asked of nobody it says what could be given. */
  readonly choose: (tx: Tx, to: Party | undefined) => Promise<readonly TogetherWish[]>;
  /** Does, in the same transaction, what depends on it. */
  readonly andThen: (tx: Tx, given: readonly Given[]) => Promise<void>;
}

/**
 * The calling person gives several things to one party in one transaction, by the rules that hold for each of them alone. Refuses
 * whatever `createGrant` does.
 */
export async function giveTogether(ctx: Context, caller: Caller, giving: GivingTogether): Promise<Given[]> {
  const by = callingPerson(caller);
  demandAdministeringLogin(caller);
  if (giving.until && giving.until <= ctx.now()) throw refuse(accessErrors.untilPassed);
  const { to: text, lastName } = giving;
  const mayName = () => ctx.db.transaction((tx) => refuseGivingTogether(tx, caller, giving));
  const to = text === null ? await findParty(ctx.db, by) : await findRecipient(ctx, caller, { text, lastName }, mayName);
  return ctx.db.transaction(async (tx) => {
    await lockAccess(tx, giving.at);
    const at = (await findParty(tx, giving.at))!;
    const given: Given[] = [];
    for (const wish of await givable(tx, caller, at, await giving.choose(tx, to))) {
      given.push(await giveAccess(tx, ctx, caller, { at, to, wish, by })); // as many as a message has resources
    }
    await giving.andThen(tx, given);
    return given;
  });
}

/** Before a person is looked up by number: whether the caller may give any of it. Refuses mayNotGrant. */
async function refuseGivingTogether(tx: Tx, caller: Caller, { at, choose }: GivingTogether): Promise<void> {
  const paths = await rightsToGive(tx, caller, (await findParty(tx, at))!, await choose(tx, undefined));
  if (paths.every((path) => path === undefined)) throw refuse(accessErrors.mayNotGrant);
}

/** Refuses mayNotGrant where nothing is left. */
async function givable(tx: Tx, caller: Caller, at: Party, wishes: readonly TogetherWish[]): Promise<readonly TogetherWish[]> {
  const paths = await rightsToGive(tx, caller, at, wishes);
  const left = wishes.filter(({ isNeeded }, i) => isNeeded || paths[i] !== undefined);
  if (left.length === 0) throw refuse(accessErrors.mayNotGrant);
  return left;
}
