import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty } from '#register/index.ts';
import { ladderErrors as e } from './errors.ts';

/**
 * Pure. Whose ladders a caller sees, or changes: those of the organization that holds the client; from a browser those of the organization
 * that a person acts for, which only who administers access there may change. Null: nobody's.
 */
export function ownerSeenBy(caller: Caller, act: 'see' | 'change'): PartyId | null {
  if (caller.consumer !== null) return caller.scopes.has('altinn:serviceowner') ? caller.consumer : null;
  if (caller.actor === undefined) return null;
  return act === 'see' || caller.kind === 'organization' ? caller.party : null;
}

/** Whose ladders and contacts a caller changes: nobody's that is gone. Refuses notOrganization, notAdministrator. */
export async function livingOwnerOf(reader: Reader, caller: Caller): Promise<PartyId> {
  const owner = ownerOf(caller, 'change');
  if (!(await findParty(reader, owner))?.alive) throw refuse(e.notOrganization);
  return owner;
}

/** Refuses notOrganization, notAdministrator. */
export function ownerOf(caller: Caller, act: 'see' | 'change'): PartyId {
  const owner = ownerSeenBy(caller, act);
  if (owner !== null) return owner;
  throw refuse(caller.actor === undefined ? e.notOrganization : e.notAdministrator);
}
