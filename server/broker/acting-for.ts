import { type Decision, inPlaceOf, mayEach, predecessorsOf } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { Transfer } from './store/transfer.ts';

/** For whom a caller acts, and by what right. */
export interface Acting {
  readonly party: PartyId;
  readonly right: Decision;
}

const askedAtOnce = 500;

/** Who wants to do what for one of these parties. */
export interface WishToAct {
  readonly action: 'read' | 'write';
  readonly parties: readonly PartyId[];
  readonly on: Pick<Transfer, 'resourceId'> & { readonly id?: string };
}

/**
 * For which of these parties the caller may do this: its own first, then the first that it has a right for; undefined when there is
 * none. A policy that lets anybody send, or names who may, makes nobody somebody else: the caller must be the party, or stand in
 * a tie to it. The owner of the resource has no right but what the policy gives it.
 * Source: compatibility.md, broker, §9.2.
 */
export async function actingFor(reader: Reader, caller: Caller, { parties, ...wish }: WishToAct): Promise<Acting | undefined> {
  const inOrder = ownFirst(caller, parties);
  for (let i = 0; i < inOrder.length; i += askedAtOnce) {
    const [acting] = await actingForEach(reader, [{ ...wish, caller, parties: inOrder.slice(i, i + askedAtOnce) }]);
    if (acting) return acting;
  }
  return undefined;
}

/** The same for many callers in one question, in the order asked: of each at most 500 parties. */
export async function actingForEach(
  reader: Reader,
  asked: readonly (WishToAct & { readonly caller: Caller })[],
): Promise<(Acting | undefined)[]> {
  const wishes = asked.map((wish) => ({ ...wish, parties: ownFirst(wish.caller, wish.parties) }));
  const rights = await mayEach(
    reader,
    wishes.flatMap(({ caller, action, parties, on: { resourceId: resource, id } }) =>
      parties.map((party) => ({ caller, question: { action, resource, party, ...(id === undefined ? {} : { instance: id }) } })),
    ),
  );
  let next = 0;
  return wishes.map(({ caller, parties }) => {
    const own = rights.slice(next, next + parties.length);
    next += parties.length;
    const at = parties.findIndex((party, n) => isFor(caller, party, own[n]!));
    return at < 0 ? undefined : { party: parties[at]!, right: own[at]! };
  });
}

/**
 * The same for what a sender has sent, to look after it; for one that is gone also whoever stands in for it, who could not send for it.
 */
export async function actingForSender(
  reader: Reader,
  caller: Caller,
  transfer: Pick<Transfer, 'id' | 'senderId' | 'resourceId'>,
): Promise<Acting | undefined> {
  const { senderId } = transfer;
  const acting = await actingFor(reader, caller, { action: 'write', parties: [senderId], on: transfer });
  if (acting || caller.party === senderId) return acting;
  const gone = (await predecessorsOf(reader, [caller]))[0]!.find(({ id }) => id === senderId);
  return gone && { party: senderId, right: inPlaceOf(gone) };
}

function ownFirst(caller: Caller, parties: readonly PartyId[]): readonly PartyId[] {
  return [...parties.filter((party) => party === caller.party), ...parties.filter((party) => party !== caller.party)];
}

const namedByPolicy = 'named by the policy';

function isFor(caller: Caller, party: PartyId, { permit, by, path }: Decision): boolean {
  if (!permit || by !== 'right') return false;
  return caller.party === party || path.some((step) => step !== namedByPolicy);
}
