import type { Caller, Context } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import { listOwnAddresses, lockAddresses, removeAddress } from '#register/index.ts';
import { contactErrors as e } from './errors.ts';
import { addressKeptBy } from './send-code.ts';
import { changerOf } from './whose.ts';

/**
 * Nobody is told there any more. An organization keeps one address at the least, as in the original.
 * Refuses personsOnly, loginTooLow, addressNotFound, keptElsewhere, lastAddress. Source: compatibility.md, platform, §3.
 */
export function dropAddress(ctx: Context, caller: Caller, id: string): Promise<void> {
  const person = changerOf(caller);
  return ctx.db.transaction(async (tx) => {
    const own = await addressKeptBy(tx, person, id);
    await lockAddresses(tx, own.party);
    const left = (await listOwnAddresses(tx, own.party)).filter((each) => each.id !== id && each.at === null);
    const isPersons = own.party === person;
    if (!isPersons && left.length === 0) throw refuse(e.lastAddress);
    await removeAddress(tx, id);
  });
}
