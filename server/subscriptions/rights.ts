import { findResources, mayEach } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { ownerScope } from './subscriber.ts';

export interface Hearing {
  readonly caller: Caller;
  /** The type of the event; left out for events of any kind. */
  readonly type?: string;
  readonly resource: ResourceId;
  /** Whom the event speaks of; null when the register does not know it. */
  readonly party: PartyId | null;
}

/** What happens to somebody's subscription is told to themselves alone. */
const ofSubscribers = 'no.budstikke.subscription.';

/**
 * Whether each caller may hear of what happens with the resource at the party, now. The owner of the resource hears all of
 * it, by a token of its own with `altinn:serviceowner`: a system speaks for its customer, whoever its vendor is. Anybody else needs the right `subscribe`, and speaks for the party itself or
 * may read for it: a policy that lets everybody send gives everybody `subscribe`, and that must not tell who gets post.
 * Source: compatibility.md, platform, §4.2; correspondence, §9.1. The second half is ours.
 */
export async function mayHear(reader: Reader, hearings: readonly Hearing[]): Promise<boolean[]> {
  if (hearings.length === 0) return [];
  const resources = await findResources(reader, [...new Set(hearings.map(({ resource }) => resource))]);
  const isOwner = ({ caller, resource }: Hearing): boolean =>
    caller.kind === 'organization' &&
    caller.party !== null &&
    caller.party === resources.get(resource)?.ownerId &&
    caller.scopes.has(ownerScope);
  const asked = hearings.flatMap((hearing, i) =>
    resources.has(hearing.resource) && hearing.party !== null && !isOwner(hearing) ? [{ ...hearing, party: hearing.party, i }] : [],
  );
  const decisions = await mayEach(
    reader,
    asked.flatMap(({ caller, resource, party }) =>
      ['subscribe', 'read'].map((action) => ({ caller, question: { action, resource, party } })),
    ),
  );
  const heard = hearings.map(isOwner);
  asked.forEach(({ caller, party, i }, n) => {
    const [subscribe, read] = decisions.slice(2 * n, 2 * n + 2) as [(typeof decisions)[number], (typeof decisions)[number]];
    heard[i] = subscribe.permit && (party === caller.party || (read.permit && read.by === 'right'));
  });
  return heard.map(
    (isHeard, i) => isHeard && !(hearings[i]!.type?.startsWith(ofSubscribers) && hearings[i]!.party !== hearings[i]!.caller.party),
  );
}
