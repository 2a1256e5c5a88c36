import { findResources, mayEach } from '#access/index.ts';
import type { MassRequest } from '#correspondence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { mailingErrors as e } from './errors.ts';
import type { Mailing, StoredCaller } from './store/mailing.ts';

/**
 * The mailing, for the party that made it: for its own clients, for who administers it, and for those who may send on the mailing's
 * service for it. Anybody else hears that there is none. Refuses mailingNotFound.
 */
export async function ownMailing(reader: Reader, caller: Caller, mailing: Mailing | undefined): Promise<Mailing> {
  if (!mailing || mailing.partyId !== makerOf(caller)) throw refuse(e.mailingNotFound);
  const services = await servicesSeen(reader, caller, [mailing.resourceId]);
  if (!services.has(mailing.resourceId)) throw refuse(e.mailingNotFound);
  return mailing;
}

/** Of these services those whose mailings the caller sees. A page of mailings lies in a handful. */
export async function servicesSeen(reader: Reader, caller: Caller, ids: readonly string[]): Promise<Set<string>> {
  if (caller.kind === 'organization') return new Set(ids);
  const resources = [...(await findResources(reader, [...new Set(ids)] as ResourceId[])).values()];
  const rights = await mayEach(
    reader,
    resources.map(({ id, ownerId }) => ({ caller, question: { action: 'write', resource: id, party: ownerId } })),
  );
  return new Set(resources.flatMap(({ id }, i) => (rights[i]!.permit ? [id] : [])));
}

/** Whose a caller's mailings are; null for one that the register does not know, who has none. */
export function makerOf(caller: Caller): PartyId | null {
  return caller.party;
}

export function toStoredCaller(caller: Caller): StoredCaller {
  return { ...caller, scopes: [...caller.scopes] };
}

export function fromStoredCaller(stored: StoredCaller): Caller {
  return { ...stored, scopes: new Set(stored.scopes) };
}

/** What of a mailing its letter is checked by, in the name of this caller. */
export function massRequestOf(
  { letter, attachments }: Pick<Mailing, 'letter' | 'attachments'>,
  caller: Caller,
  now: Date,
  minimumAttachmentDays: number,
): MassRequest {
  return { letter, existingAttachments: attachments, caller, now, minimumAttachmentDays };
}
