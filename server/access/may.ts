import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { decide, type Verdict } from './decide.ts';
import type { Policy } from './policy.ts';
import { ownerMayRead } from './settings.ts';
import { findFactsOf } from './store/facts.ts';
import { findPolicyAt, type PolicyAt } from './store/resources.ts';
import { wantedFor } from './wanted.ts';

export interface Question {
  /** `read`, `write`, `subscribe`, … */
  readonly action: string;
  readonly resource: ResourceId;
  /** For whom: the recipient when reading, the resource's owner when sending a message. */
  readonly party: PartyId;
  /** The message or attachment, for rights to it alone. */
  readonly instance?: string;
}

export interface Decision {
  readonly permit: boolean;
  /** `owner`: the resource's owner acts, not a reader. It never counts as opened. */
  readonly by: 'right' | 'owner' | 'none';
  /** How the right came about, in codes and organization numbers. */
  readonly path: readonly string[];
  /** The level of login that was missing. */
  readonly minimumLevel?: number;
  /** Comparisons of the policy that could not be read and therefore gave nobody anything. */
  readonly unread?: readonly string[];
}

const none: Decision = { permit: false, by: 'none', path: [] };

/**
 * Whether the caller may do this with the resource for the party, and how. Its own right comes first; the owner of the
 * resource, by a token with `altinn:serviceowner`, may write whatever the rules say, and read only where the installation
 * allows it. A right that asks for a higher level of login is refused with the level. A subject that is dead or deleted,
 * and a resource that nobody knows, have no rights.
 * Source: compatibility.md, platform, §2.6; correspondence, §9.1 and §9.3 (the owner's bypass, narrowed by design).
 */
export async function may(reader: Reader, caller: Caller, question: Question): Promise<Decision> {
  const asked = await findPolicyAt(reader, question.resource, question.party);
  if (!asked) return none;
  const { policy } = asked;
  const verdict = caller.subject ? await verdictOn(reader, caller.subject, asked, question) : undefined;
  const unread = verdict?.unread.length ? { unread: verdict.unread } : {};
  const permitted = verdict?.effect === 'permit';
  if (permitted && caller.authLevel >= policy.minLevel) return { permit: true, by: 'right', path: verdict.path, ...unread };
  if (isOwner(caller, policy) && (question.action !== 'read' || ownerMayRead())) {
    return { permit: true, by: 'owner', path: ['owner of the resource'], ...unread };
  }
  return permitted ? { ...none, path: verdict.path, minimumLevel: policy.minLevel, ...unread } : { ...none, ...unread };
}

function isOwner(caller: Caller, policy: Policy): boolean {
  return caller.consumer === policy.ownerId && caller.scopes.has('altinn:serviceowner');
}

async function verdictOn(reader: Reader, subject: PartyId, asked: PolicyAt, question: Question): Promise<Verdict | undefined> {
  const { policy, party, isListed } = asked;
  if (!party || !isListed) return undefined;
  const ask = { action: question.action, resource: question.resource, instance: question.instance ?? null };
  const given = await findFactsOf(reader, subject, party.id, wantedFor(new Map([[policy.id, policy]]), [ask], false));
  return given && decide(policy, { ...ask, party }, given);
}
