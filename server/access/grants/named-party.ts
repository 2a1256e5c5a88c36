import type { Context } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty, type Party, parsePartyReference, resolveParties } from '#register/index.ts';
import { accessErrors } from '../errors.ts';

const byUuid = /^urn:altinn:(party|systemuser):uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/**
 * The party that a member of a request names. Called outside transactions: a sandbox may let it come to be.
 * Refuses partyReferenceInvalid, partyUnknown, naming the member and never the number.
 */
export async function namedParty(ctx: Context, field: string, text: string): Promise<Party> {
  const uuid = byUuid.exec(text.toLowerCase());
  const party = uuid ? await findParty(ctx.db, uuid[2] as PartyId) : await byNumber(ctx, field, text);
  if (!party || (uuid?.[1] === 'systemuser' && party.kind !== 'system-user')) throw refuse(accessErrors.partyUnknown, { field });
  return party;
}

async function byNumber(ctx: Context, field: string, text: string): Promise<Party | undefined> {
  const reference = parsePartyReference(text);
  if (!reference) throw refuse(accessErrors.partyReferenceInvalid, { field });
  return (await resolveParties(ctx, [reference.number])).get(reference.number);
}
