import { type Decision, may, mayEach, type Question } from '#access/index.ts';
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

const toRead = (message: Message): Question => ({ ...toDo('read', message), party: message.recipientId });
const toWrite = (message: Message): Question => ({ ...toDo('write', message), party: message.ownerId });

function toDo(action: string, message: Message) {
  return { action, resource: message.resourceId, instance: message.id, dialog: dialogOf(message) };
}

export function mayAsRecipient(reader: Reader, caller: Caller, message: Message): Promise<Decision> {
  return may(reader, caller, toRead(message));
}

const hidden: Decision = { permit: false, by: 'none', path: [] };

/** What another has sent in a resource where many may send is hidden, as lists hide it. */
export async function mayAsSender(reader: Reader, caller: Caller, message: Message): Promise<Decision> {
  return amongSenders(reader, { caller, message, right: await may(reader, caller, toWrite(message)) });
}

async function amongSenders(
  reader: Reader,
  { caller, message, right }: { readonly caller: Caller; readonly message: Message; readonly right: Decision },
): Promise<Decision> {
  if (!right.permit) return right;
  const [senders] = await sendersSeenBy(reader, [{ caller, owner: message.ownerId }]);
  return areAmong(senders!, message.createdBy) ? right : hidden;
}

/** Both rights, asked in one. */
export async function rightsTo(reader: Reader, caller: Caller, message: Message): Promise<Standing> {
  const questions = [toRead(message), toWrite(message)].map((question) => ({ caller, question }));
  const [asRecipient, right] = (await mayEach(reader, questions)) as [Decision, Decision];
  return { asRecipient, asSender: await amongSenders(reader, { caller, message, right }), callingAsSender: hasWriteScope(caller) };
}

/** Refuses noAccess when the caller is neither. */
export async function standingOf(reader: Reader, caller: Caller, message: Message): Promise<Standing> {
  const standing = await rightsTo(reader, caller, message);
  if (!standing.asRecipient.permit && !standing.asSender.permit) throw refuse(e.noAccess, { id: message.id });
  return standing;
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
