import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { listPredecessors, type Predecessor } from '#register/index.ts';
import { type Decision, mayEach, type Question } from './may.ts';

/**
 * For which senders that are gone a caller stands in: an organization, by its own client or through whoever acts as it, for those that went
 * into it or were part of it. Its systems, and those who have a right of their own there, do not. Of each caller, in the order asked.
 */
export async function predecessorsOf(
  reader: Reader,
  callers: readonly Pick<Caller, 'kind' | 'subject' | 'party'>[],
): Promise<readonly Predecessor[][]> {
  const heirs = callers.map(({ kind, subject, party }) => (kind === 'organization' && (subject ?? party) === party ? party : null));
  const found = await listPredecessors(reader, [...new Set(heirs.filter((id) => id !== null))]);
  return heirs.map((heir) => (heir && found.get(heir)) ?? []);
}

/**
 * Whether the caller may look after what a sender has sent: see where it stands, and decide what becomes of it. Who may send there may; for
 * a sender that is gone, so may whoever stands in for it, who could not send there. In the order asked.
 */
export async function mayLookAfterEach(
  reader: Reader,
  asked: readonly { readonly caller: Caller; readonly question: Question }[],
): Promise<Decision[]> {
  const rights = await mayEach(reader, [...asked]);
  const open = asked.filter(({ caller, question }, i) => isForAnother(caller, question.party, rights[i]!));
  if (open.length === 0) return rights;
  const callers = [...new Set(open.map(({ caller }) => caller))];
  const predecessors = new Map((await predecessorsOf(reader, callers)).map((those, i) => [callers[i]!, those]));
  return asked.map(({ caller, question }, i) => {
    const right = rights[i]!;
    const gone = isForAnother(caller, question.party, right) && predecessors.get(caller)?.find(({ id }) => id === question.party);
    return gone ? inPlaceOf(gone) : right;
  });
}

const isForAnother = ({ party }: Caller, of: PartyId, { permit, minimumLevel }: Decision): boolean =>
  !permit && minimumLevel === undefined && party !== of;

/** Whether a caller stands in for this sender, which is gone. */
export async function isInPlaceOf(reader: Reader, caller: Caller, sender: PartyId): Promise<boolean> {
  return caller.party !== sender && (await predecessorsOf(reader, [caller]))[0]!.some(({ id }) => id === sender);
}

/** The right of whoever stands in for an organization that is gone. */
export function inPlaceOf({ number }: Predecessor): Decision {
  return { permit: true, by: 'right', path: [`in the place of ${number}`] };
}
