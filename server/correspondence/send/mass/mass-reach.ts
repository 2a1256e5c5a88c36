import type { Openability } from '#access/index.ts';
import type { Tx } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId } from '#kernel/ids.ts';
import type { Party } from '#register/index.ts';
import { isHeldBack } from '../facts.ts';
import { gatherReach } from '../gather-facts.ts';
import { needsOf } from '../plan-submission.ts';
import { refusesUnreachable } from '../rules/rules-of-recipients.ts';
import type { MassLetter } from './mass-letter.ts';

/** Someone a letter to many is for, with the id that the message will have. */
export interface MassAddressee {
  readonly id: CorrespondenceId;
  readonly party: Party;
}

/** Why one recipient of many is not sent the letter. */
export type MassRefusal = 'reserved' | 'cannot-open' | 'nameless';

/** Who could open, in counts: what is kept of it while the letter waits to be sent. */
export interface MassOpenability {
  readonly class: Openability['class'];
  readonly openers: number;
  readonly grantors: number;
  readonly attachmentLocked: boolean;
  readonly accessVersion: string;
  /** Who could let somebody in; empty where somebody can open. */
  readonly grantorIds: readonly PartyId[];
}

export type MassReach = { readonly openability: MassOpenability } | { readonly refused: MassRefusal };

/** Who could open each of these messages to be, and who is not sent any, in the order asked. A constant number of statements. */
export async function reachOfMany(tx: Tx, letter: MassLetter, addressees: readonly MassAddressee[]): Promise<MassReach[]> {
  const { resource, existing, policies } = letter;
  const addressed = addressees
    .filter(({ party }) => !refusalOf(letter, party))
    .map(({ id, party }) => ({ id, recipient: party, needs: needsOf({ id, resourceId: resource.id }, existing, policies) }));
  const [reach] = await gatherReach(tx, [{ resource, addressed }]);
  return addressees.map(({ party }): MassReach => {
    const refused = refusalOf(letter, party);
    if (refused) return { refused };
    const openability = inCounts(reach!.openability.get(party.id)!);
    return cannotOpen(letter, party, openability, reach!.withoutKeyRole) ? { refused: 'cannot-open' } : { openability };
  });
}

/** Pure. What a register says of a recipient that keeps the letter from being sent, whoever could open it. */
export function refusalOf({ request, isPersonal }: MassLetter, party: Party): MassRefusal | undefined {
  if (isHeldBack(party, request)) return 'reserved';
  return isPersonal && party.name.trim() === '' ? 'nameless' : undefined;
}

/** The rule of `nobodyCanOpen`, for one of many. */
function cannotOpen(
  { request, resource }: MassLetter,
  { id }: Party,
  { class: reach }: MassOpenability,
  withoutKeyRole: ReadonlySet<PartyId>,
): boolean {
  if (!refusesUnreachable(request, resource)) return false;
  return resource.strictAltinn ? withoutKeyRole.has(id) : reach === 'UNREACHABLE';
}

/** Pure. What is kept of openability beside a message. */
export function inCounts({ class: reach, openers, grantors, lockedNeeds, accessVersion }: Openability): MassOpenability {
  return {
    class: reach,
    openers: openers.length,
    grantors: grantors.length,
    attachmentLocked: lockedNeeds.length > 0,
    accessVersion,
    grantorIds: openers.length > 0 && lockedNeeds.length === 0 ? [] : grantors.map(({ party }) => party),
  };
}
