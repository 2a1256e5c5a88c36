import { predecessorsOf } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId } from '#kernel/ids.ts';
import type { Predecessor } from '#register/index.ts';
import { findMessage, listMessages } from '../store/message.ts';
import { listSystemsOf } from '../store/sender.ts';

/** Whose sending a caller sees in the resources of an owner. Null: everybody's. */
export type Senders = readonly PartyId[] | null;

interface Asked {
  readonly caller: Pick<Caller, 'kind' | 'subject' | 'party' | 'consumer'>;
  /** Null: of anybody but the caller. */
  readonly owner: PartyId | null;
}

/**
 * Whose sending each caller sees as a sender in the owner's resources, in one statement: in lists, of a message and of an attachment by
 * its id, and when it deletes or attaches. Who speaks for the owner sees all. Who may send in another's resource sees what it has sent
 * itself: an organization also what its systems have, a system also what its organization has. The vendor of a system (the token's
 * `consumer`) counts for nothing here: the system speaks for its customer alone. Who is nobody in the register has no sending of its own:
 * for the owner's client that is left to what it asks for, which wants to know who it is.
 * Source: compatibility.md, correspondence, §9.4.
 */
export function sendersSeenBy(reader: Reader, asked: readonly Asked[]): Promise<Senders[]> {
  return sendersOf(reader, asked, new Map());
}

/**
 * The same of those whose post it looks after: an organization sees where that stands which those have sent that are gone and for which it
 * stands in, and of those that owned the resource everything. What such post says, and its attachments, it has from nobody.
 */
export async function sendersLookedAfterBy(reader: Reader, asked: readonly Asked[]): Promise<Senders[]> {
  const others = asked.filter(({ caller, owner }) => caller.party !== owner && caller.kind === 'organization');
  const gone = new Map(
    (
      await predecessorsOf(
        reader,
        others.map(({ caller }) => caller),
      )
    ).map((those, i) => [others[i]!, those]),
  );
  return sendersOf(reader, asked, gone);
}

async function sendersOf(reader: Reader, asked: readonly Asked[], gone: ReadonlyMap<Asked, readonly Predecessor[]>): Promise<Senders[]> {
  const others = asked.filter(({ caller, owner }) => caller.party !== owner && caller.kind === 'organization');
  const goneOf = (one: Asked): PartyId[] => (gone.get(one) ?? []).map(({ id }) => id);
  const systems = await listSystemsOf(reader, [
    ...new Set(others.flatMap((one) => [...(one.caller.party ? [one.caller.party] : []), ...goneOf(one)])),
  ]);
  return asked.map((one) => {
    const { caller, owner } = one;
    const { kind, subject, party, consumer } = caller;
    const speaksFor = party ?? subject ?? consumer;
    const before = goneOf(one);
    if (owner !== null && (speaksFor === owner || before.includes(owner))) return null;
    const its = kind === 'organization' && party !== null ? [party, ...before].flatMap((id) => systems.get(id) ?? []) : [];
    return [...new Set([subject, party, ...before, ...its].filter((id) => id !== null))];
  });
}

/** Pure. What nobody is known to have sent is the owner's alone. */
export function areAmong(senders: Senders, createdBy: PartyId | undefined): boolean {
  return senders === null || (createdBy !== undefined && senders.includes(createdBy));
}

/**
 * Whether what the caller sees as a sender it sees only in the place of one that is gone: another has sent it, on a service that is not its own,
 * and of sender and owner one is gone and has the caller for a stand-in. What such a letter says is not the caller's to read.
 */
export async function isInPlaceOfSender(reader: Reader, caller: Caller, id: CorrespondenceId): Promise<boolean> {
  const message = await findMessage(reader, id);
  if (!message) return false;
  const { ownerId, createdBy } = message;
  const { subject, party } = caller;
  if ([ownerId, createdBy].some((id) => id === party) || createdBy === subject) return false;
  const before = (await predecessorsOf(reader, [caller]))[0]!.map(({ id }) => id);
  if (before.length === 0) return false;
  const systems = await listSystemsOf(reader, [...(party ? [party] : []), ...before]);
  if (party && systems.get(party)?.includes(createdBy)) return false;
  return before.some((id) => id === ownerId || id === createdBy || systems.get(id)?.includes(createdBy));
}

/** Whether each of these callers looks after its message as a sender, whatever its rights are. In the order asked. */
export async function areOwnSendings(
  reader: Reader,
  asked: readonly { readonly caller: Caller; readonly id: CorrespondenceId }[],
): Promise<boolean[]> {
  const found = await listMessages(
    reader,
    asked.map(({ id }) => id),
  );
  const messages = new Map(found.map((message) => [message.id, message]));
  const known = asked.filter(({ id }) => messages.has(id));
  const senders = await sendersLookedAfterBy(
    reader,
    known.map(({ caller, id }) => ({ caller, owner: messages.get(id)!.ownerId })),
  );
  const own = new Set(known.filter(({ id }, i) => areAmong(senders[i]!, messages.get(id)!.createdBy)));
  return asked.map((each) => own.has(each));
}
