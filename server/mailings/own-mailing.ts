import type { MassRequest } from '#correspondence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { mailingErrors as e } from './errors.ts';
import type { Mailing, StoredCaller } from './store/mailing.ts';

/** The mailing, for the party that made it. Anybody else hears that there is none. Refuses mailingNotFound. */
export function ownMailing(caller: Caller, mailing: Mailing | undefined): Mailing {
  if (!mailing || mailing.partyId !== makerOf(caller)) throw refuse(e.mailingNotFound);
  return mailing;
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
