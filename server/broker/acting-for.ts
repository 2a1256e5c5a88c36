import { type Decision, mayEach } from '#access/index.ts';
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

/**
 * For which of these parties the caller may do this: its own first, then the first that it has a right for; undefined when there is
 * none. A policy that lets anybody send, or names who may, makes nobody somebody else: the caller must be the party, or stand in
 * a tie to it. The owner of the resource has no right but what the policy gives it.
 * Source: compatibility.md, broker, §9.2.
 */
export async function actingFor(
  reader: Reader,
  caller: Caller,
  {
    action,
    parties,
    on,
  }: {
    readonly action: 'read' | 'write';
    readonly parties: readonly PartyId[];
    readonly on: Pick<Transfer, 'resourceId'> & { readonly id?: string };
  },
): Promise<Acting | undefined> {
  const own = parties.filter((party) => party === caller.party);
  const inOrder = [...own, ...parties.filter((party) => party !== caller.party)];
  for (let i = 0; i < inOrder.length; i += askedAtOnce) {
    const asked = inOrder.slice(i, i + askedAtOnce);
    const question = (party: PartyId) => ({ action, resource: on.resourceId, party, ...(on.id === undefined ? {} : { instance: on.id }) });
    const rights = await mayEach(
      reader,
      asked.map((party) => ({ caller, question: question(party) })),
    );
    const at = asked.findIndex((party, n) => isFor(caller, party, rights[n]!));
    if (at >= 0) return { party: asked[at]!, right: rights[at]! };
  }
  return undefined;
}

const namedByPolicy = 'named by the policy';

function isFor(caller: Caller, party: PartyId, { permit, by, path }: Decision): boolean {
  if (!permit || by !== 'right') return false;
  return caller.party === party || path.some((step) => step !== namedByPolicy);
}
