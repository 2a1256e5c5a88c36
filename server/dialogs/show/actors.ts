import { createHash } from 'node:crypto';
import type { CorrespondenceId, PartyId } from '#kernel/ids.ts';
import { type Party, partyUrn } from '#register/index.ts';
import type { SeenRow } from '../store/seen.ts';
import type { Actor, Seen } from '../wire/parts.ts';

export type Parties = ReadonlyMap<PartyId, Party>;

/**
 * Pure. Somebody who acted for the party: by name, never by number. Persons have an id that is theirs in this dialog alone.
 * Source: compatibility.md, platform, §5.2.
 */
export function actor(dialog: CorrespondenceId, party: PartyId | null, parties: Parties): Actor {
  const known = party === null ? undefined : parties.get(party);
  if (!known) return { actorType: 'PartyRepresentative', actorName: null, actorId: null };
  const actorId = known.kind === 'person' ? ephemeral(dialog, known.id) : partyUrn(known);
  return { actorType: 'PartyRepresentative', actorName: known.name, actorId };
}

/** Pure. */
export const serviceOwner: Actor = { actorType: 'ServiceOwner', actorName: null, actorId: null };

function ephemeral(dialog: CorrespondenceId, party: PartyId): string {
  const digest = createHash('sha256').update(`${dialog} ${party}`).digest('hex');
  return `urn:altinn:person:identifier-ephemeral:${digest.slice(0, 10)}`;
}

/** Pure. */
export function seenBy({ id, dialog, party, at }: SeenRow, parties: Parties, current: PartyId | null): Seen {
  return {
    id,
    seenAt: at.toISOString(),
    seenBy: actor(dialog, party, parties),
    isViaServiceOwner: false,
    isCurrentEndUser: party === current,
  };
}
