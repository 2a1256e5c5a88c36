import type { Caller } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import type { Policy } from '../policy.ts';
import { ownerMayRead } from '../settings.ts';
import { findStanding, type Standing } from '../store/standing.ts';
import type { Verdict } from './decide.ts';
import { policiesAt } from './remembered-policies.ts';
import { verdictsOn } from './verdicts.ts';

export interface Question {
  /** `read`, `write`, `subscribe`, … */
  readonly action: string;
  readonly resource: ResourceId;
  /** For whom: the recipient when reading, the resource's owner when sending a message. */
  readonly party: PartyId;
  /** The message or attachment, for rights to it alone. */
  readonly instance?: string;
  /** The dialog in which the thing is shown: a caller with a dialog token may do nothing where none is named. */
  readonly dialog?: string;
}

export interface Decision {
  readonly permit: boolean;
  /** `owner`: the resource's owner acts, or another organization that its policy names, and no reader at the party. It never counts as opened. */
  readonly by: 'right' | 'owner' | 'none';
  /** How the right came about, in codes and organization numbers. */
  readonly path: readonly string[];
  /** Of a right of one's own: what a system fetches by it waits for a person all the same. Left out: it does not. */
  readonly demandsPerson?: true;
  /** The level of login that was missing. */
  readonly minimumLevel?: number;
  /** Comparisons of the policy that could not be read and therefore gave nobody anything. */
  readonly unread?: readonly string[];
}

const none: Decision = { permit: false, by: 'none', path: [] };

/**
 * Whether the caller may do this with the resource for the party, and how. Its own right comes first; the owner of the
 * resource, by a token with `altinn:serviceowner`, may write whatever the rules say, and read only where the installation
 * allows it. A right that asks for a higher level of login is refused with the level. A subject or an owner that is dead or
 * deleted, and a resource that nobody knows, have no rights.
 * Source: compatibility.md, platform, §2.6; correspondence, §9.1 and §9.3 (the owner's bypass, narrowed by design).
 */
export async function may(reader: Reader, caller: Caller, question: Question): Promise<Decision> {
  return (await mayEach(reader, [{ caller, question }]))[0]!;
}

/**
 * The same for many callers and questions at once, answered in the order asked. One statement where all was asked before and
 * still holds, at most five where not, whatever the number.
 */
export async function mayEach(reader: Reader, asked: readonly { caller: Caller; question: Question }[]): Promise<Decision[]> {
  if (asked.length === 0) return [];
  const standing = await findStanding(reader, {
    places: [...new Set(asked.map(({ question }) => question.party))],
    subjects: [
      ...new Set(asked.flatMap(({ caller }) => [caller.subject ?? [], isServiceOwner(caller) ? (caller.consumer ?? []) : []]).flat()),
    ],
    resources: [...new Set(asked.map(({ question }) => question.resource))],
  });
  const policies = await policiesAt(reader, standing);
  const verdicts = await verdictsOn(
    reader,
    asked.map(({ caller, question }) => ({ ...question, subject: caller.subject, instance: question.instance ?? null })),
    { standing, policies },
  );
  return asked.map(({ caller, question }, i) => {
    if (!isWithinToken(caller, question)) return none;
    const policy = policies.get(question.resource);
    return policy ? decisionOf(caller, question, policy, standing, verdicts[i]) : none;
  });
}

/** Whether a way to a right leads by something that the subject is or was given there, and not only by who it is. */
export function isTie(path: readonly string[]): boolean {
  return path.some((step) => step !== 'named by the policy');
}

/**
 * A dialog token is good for its dialog, at its party, for the actions that it names, and its holder must still have the right.
 * Source: compatibility.md, platform, §5.3.
 */
function isWithinToken({ issuer, dialog }: Caller, question: Question): boolean {
  if (issuer !== 'dialog') return true;
  return dialog !== undefined && dialog.id === question.dialog && dialog.party === question.party && dialog.actions.has(question.action);
}

/** Who acts for an organization by their own right has one that ties them to it: a policy that lets anybody send makes nobody its sender. */
function isTied({ actor, subject }: Caller, { path }: Verdict): boolean {
  return actor === undefined || actor !== subject || isTie(path);
}

function decisionOf(caller: Caller, question: Question, policy: Policy, standing: Standing, verdict: Verdict | undefined): Decision {
  const unread = verdict?.unread.length ? { unread: verdict.unread } : {};
  const permitted = verdict?.effect === 'permit' && isTied(caller, verdict);
  if (permitted && reachesLevel(caller, policy)) {
    const by = verdict.byNameOnly && question.action === 'read' ? 'owner' : 'right';
    return { permit: true, by, path: verdict.path, ...(policy.demandsPerson ? { demandsPerson: true } : {}), ...unread };
  }
  if (actsAsOwner(caller, policy, standing) && (question.action !== 'read' || ownerMayRead())) {
    return { permit: true, by: 'owner', path: ['owner of the resource'], ...unread };
  }
  return permitted ? { ...none, path: verdict.path, minimumLevel: policy.minLevel, ...unread } : { ...none, ...unread };
}

const isServiceOwner = ({ scopes }: Caller): boolean => scopes.has('altinn:serviceowner');

/** One that is gone owns what it owned, and does nothing with it. */
function actsAsOwner(caller: Caller, { id }: Policy, { policies, subjects }: Standing): boolean {
  const { consumer } = caller;
  if (consumer === null || consumer !== policies.get(id)?.ownerId || !isServiceOwner(caller)) return false;
  return subjects.get(consumer)?.alive === true;
}

/** A service owner's machine may pass by a lower level, where the policy names one. */
function reachesLevel(caller: Caller, { minLevel, minLevelOrg }: Policy): boolean {
  if (caller.authLevel >= minLevel) return true;
  return caller.kind === 'organization' && isServiceOwner(caller) && minLevelOrg != null && caller.authLevel >= minLevelOrg;
}
