import { type Decision, may } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { correspondenceErrors as e } from '../errors.ts';
import type { Message } from '../store/message.ts';
import { dialogOf } from './dialog-id.ts';
import { areAmong, sendersSeenBy } from './own-sending.ts';

/** How a caller stands to a message: what it may as the recipient, what as the sender, and as which of them it calls. */
export interface Standing {
  readonly asRecipient: Decision;
  readonly asSender: Decision;
  /** The token carries the sender's scope; with both scopes the caller counts as sender. Source: compatibility.md, correspondence, §1.2. */
  readonly callingAsSender: boolean;
}

const writeScope = 'altinn:correspondence.write';
const readScope = 'altinn:correspondence.read';

export function hasWriteScope(caller: Caller): boolean {
  return caller.scopes.has(writeScope);
}

export function hasReadScope(caller: Caller): boolean {
  return caller.scopes.has(readScope);
}

export function mayAsRecipient(reader: Reader, caller: Caller, message: Message): Promise<Decision> {
  return may(reader, caller, {
    action: 'read',
    resource: message.resourceId,
    party: message.recipientId,
    instance: message.id,
    dialog: dialogOf(message),
  });
}

const hidden: Decision = { permit: false, by: 'none', path: [] };

/** What another has sent in a resource where many may send is hidden, as lists hide it. */
export async function mayAsSender(reader: Reader, caller: Caller, message: Message): Promise<Decision> {
  const right = await may(reader, caller, {
    action: 'write',
    resource: message.resourceId,
    party: message.ownerId,
    instance: message.id,
    dialog: dialogOf(message),
  });
  if (!right.permit) return right;
  const [senders] = await sendersSeenBy(reader, [{ caller, owner: message.ownerId }]);
  return areAmong(senders!, message.createdBy) ? right : hidden;
}

/** Refuses noAccess when the caller is neither. */
export async function standingOf(reader: Reader, caller: Caller, message: Message): Promise<Standing> {
  const [asRecipient, asSender] = await Promise.all([mayAsRecipient(reader, caller, message), mayAsSender(reader, caller, message)]);
  if (!asRecipient.permit && !asSender.permit) throw refuse(e.noAccess, { id: message.id });
  return { asRecipient, asSender, callingAsSender: hasWriteScope(caller) };
}

/** Whom the history names as the one who acted. */
export function actingParty(caller: Caller): PartyId | null {
  return caller.subject ?? caller.party;
}

/** The caller's party, for acts that must have one. Refuses callerUnknown, callerPartyNotFound. */
export function requireParty(caller: Caller): PartyId {
  const party = actingParty(caller);
  if (party) return party;
  throw refuse(caller.kind === 'anonymous' || caller.kind === 'platform' ? e.callerUnknown : e.callerPartyNotFound);
}
