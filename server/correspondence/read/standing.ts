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

/** The same of many, in the order asked. */
export function mayAsRecipientEach(reader: Reader, each: readonly Before[]): Promise<Decision[]> {
  return mayEach(
    reader,
    each.map(({ caller, message }) => ({ caller, question: toRead(message) })),
  );
}

const hidden: Decision = { permit: false, by: 'none', path: [] };

/** What another has sent in a resource where many may send is hidden, as lists hide it. */
export async function mayAsSender(reader: Reader, caller: Caller, message: Message): Promise<Decision> {
  return amongSenders(reader, { caller, message, right: await may(reader, caller, toWrite(message)) });
}

/** Somebody before a message. */
export interface Before {
  readonly caller: Caller;
  readonly message: Message;
}

async function amongSenders(reader: Reader, { right, ...before }: Before & { readonly right: Decision }): Promise<Decision> {
  return (await amongSendersEach(reader, [before], [right]))[0]!;
}

async function amongSendersEach(reader: Reader, each: readonly Before[], rights: readonly Decision[]): Promise<Decision[]> {
  const permitted = each.filter((_, i) => rights[i]!.permit);
  if (permitted.length === 0) return [...rights];
  const seen = await sendersSeenBy(
    reader,
    permitted.map(({ caller, message }) => ({ caller, owner: message.ownerId })),
  );
  const senders = new Map(permitted.map((before, i) => [before, seen[i]!]));
  return each.map((before, i) => {
    const those = senders.get(before);
    return those === undefined || areAmong(those, before.message.createdBy) ? rights[i]! : hidden;
  });
}

/** Both rights, asked in one. */
export async function rightsTo(reader: Reader, caller: Caller, message: Message): Promise<Standing> {
  return (await rightsToEach(reader, [{ caller, message }]))[0]!;
}

/** The same of many, in the order asked. */
export async function rightsToEach(reader: Reader, each: readonly Before[]): Promise<Standing[]> {
  const decisions = await mayEach(
    reader,
    each.flatMap(({ caller, message }) => [toRead(message), toWrite(message)].map((question) => ({ caller, question }))),
  );
  const toSend = await amongSendersEach(
    reader,
    each,
    each.map((_, i) => decisions[2 * i + 1]!),
  );
  return each.map(({ caller }, i) => ({
    asRecipient: decisions[2 * i]!,
    asSender: toSend[i]!,
    callingAsSender: hasWriteScope(caller),
  }));
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
