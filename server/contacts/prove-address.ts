import type { Caller, Context } from '#kernel/context.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { confirmAddress, findOwnAddress, lockAddresses, saveProvedAddress } from '#register/index.ts';
import { digestOf } from './code-digest.ts';
import { contactErrors as e } from './errors.ts';
import { namesOf, showAddress } from './list-addresses.ts';
import { lockProof, noteWrong, spendProofs } from './store/proof.ts';
import { changerOf, keptOrMissing } from './whose.ts';
import type { ContactAddress } from './wire.ts';

/**
 * Whoever has the code has the address: from now on its party is told there. A code is good once, for a quarter of an hour and five tries;
 * a wrong one is counted whatever else becomes of the request. Only whoever could ask for it may type it. It says nothing of another
 * address that stands by now where the one stood that it was sent to.
 *
 * Refuses personsOnly, loginTooLow, addressNotFound, proofOver, codeWrong.
 */
export async function proveAddress(ctx: Context, caller: Caller, id: string, typed: string): Promise<ContactAddress> {
  const person = changerOf(caller);
  const code = typed.replaceAll(' ', '');
  const proved = await ctx.db.transaction(async (tx) => {
    const proof = await lockProof(tx, id);
    if (!proof) throw refuse(e.addressNotFound);
    await keptOrMissing(tx, person, proof.party);
    if (proof.isOver) throw refuse(e.proofOver);
    if (digestOf(id, code) !== proof.codeSha256) {
      await noteWrong(tx, id);
      return undefined;
    }
    await spendProofs(tx, proof);
    await lockAddresses(tx, proof.party);
    const at = ctx.now();
    const { party, channel, address, resources } = proof;
    const isThere = proof.point !== null && (await confirmAddress(tx, { id: proof.point, channel, address }, at));
    if (proof.point !== null && !isThere && (await findOwnAddress(tx, proof.point))) throw refuse(e.proofOver);
    const own = isThere
      ? proof.point!
      : await saveProvedAddress(tx, { id: newId(), party, channel, address, at: proof.at as PartyId | null, resources }, at);
    const kept = (await findOwnAddress(tx, own))!;
    return showAddress(kept, await namesOf(tx, [kept]));
  });
  if (!proved) throw refuse(e.codeWrong);
  return proved;
}
