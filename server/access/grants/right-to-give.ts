import type { Caller } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import type { Party } from '#register/index.ts';
import type { SubjectFacts } from '../decide/facts.ts';
import { mayGivePackage, mayGiveResource } from '../decide/give.ts';
import { bookAt } from '../decide/remembered-policies.ts';
import { administering, factsOfOne, tiesWanted } from '../decide/role-book.ts';
import { type WantedFacts, wantedFor } from '../decide/wanted.ts';
import { accessErrors } from '../errors.ts';
import type { Policy } from '../policy.ts';
import type { GrantTarget } from '../store/grants.ts';
import { findPackageLevels } from '../store/resource-subjects.ts';
import { findPolicies } from '../store/resources.ts';
import { findStanding } from '../store/standing.ts';
import { findTies } from '../store/ties.ts';

/** Nothing but who administers. */
export const onlyAdministering = { roles: [], packages: [], resources: [], instances: [], handedOn: [], self: true };
const nobody = { numbers: [], orgCodes: [], partyIds: [], ids: [] };

/** A package or a resource with its actions. */
type Target = GrantTarget & { readonly actions: readonly string[] };

/**
 * How the caller may give, or take away, exactly this at the party; undefined when it may not. The same rules say who is
 * asked when post lies sealed (`whoCanOpen`). Nobody gives by a login what that login does not open.
 */
export async function rightToGive(tx: Tx, caller: Caller, at: Party, what: Target): Promise<readonly string[] | undefined> {
  return (await rightsToGive(tx, caller, at, [what]))[0];
}

/** Whether the caller may let somebody else read one item of a resource, and no other. */
export async function mayShare(tx: Tx, caller: Caller, at: Party, resource: ResourceId, instance: string): Promise<boolean> {
  return (await rightToGive(tx, caller, at, { package: null, resource, instance, actions: ['read'] })) !== undefined;
}

/** The same for several things at one party, in their order. One question for all. */
export async function rightsToGive(
  tx: Tx,
  caller: Caller,
  at: Party,
  whats: readonly Target[],
): Promise<(readonly string[] | undefined)[]> {
  if (!caller.subject || whats.length === 0) return whats.map(() => undefined);
  const codes = [...new Set(whats.flatMap((what) => what.package ?? []))];
  const policies = await findPolicies(tx, [...new Set(whats.flatMap(({ resource }) => resource ?? []))]);
  const levels = await findPackageLevels(tx, codes);
  const asked = whats.flatMap((what) => asksOf(what));
  const wanted = wantedFor(policies, asked, true);
  const given = await factsOfCaller(tx, caller.subject, at, {
    ...wanted,
    packages: [...new Set([...wanted.packages, ...codes])],
    handedOn: [...new Set([...wanted.handedOn, ...codes])],
  });
  if (!given) return whats.map(() => undefined);
  return whats.map((what) => {
    if (what.package !== null) return caller.authLevel < levelOf(what.package, levels) ? undefined : mayGivePackage(what.package, given);
    const policy = what.resource === null ? undefined : policies.get(what.resource);
    if (!policy || caller.authLevel < policy.minLevel) return undefined;
    const paths = asksOf(what).map((ask) => mayGiveResource(policy, { ...ask, party: at }, given));
    return paths.every((path) => path !== undefined) ? paths[0] : undefined;
  });
}

const asksOf = ({ resource, actions, instance }: Target) =>
  resource === null ? [] : actions.map((action) => ({ resource, action, instance }));

/** An administrator hands on more than any one resource: never by a login below that of most post. */
export const levelOfAdministrators = 3;

/** Whether a login is one by which access is administered here. */
export function reachesAdministering({ authLevel }: Caller): boolean {
  return authLevel >= levelOfAdministrators;
}

/**
 * Asked by every operation of ours that tells who has access or changes it, before it looks anything up. The original's routes ask no
 * level of their own (compatibility.md, platform). Refuses loginTooLow.
 */
export function demandAdministeringLogin(caller: Caller): void {
  if (!reachesAdministering(caller)) throw refuse(accessErrors.loginTooLow);
}

function levelOf(code: string, levels: ReadonlyMap<string, number>): number {
  return Math.max(levels.get(code) ?? 0, administering.includes(code) ? levelOfAdministrators : 0);
}

/** Which of these access packages the caller may give at a party, and how. One question for all. */
export async function packagesToGive(tx: Tx, caller: Caller, at: Party, codes: readonly string[]): Promise<Map<string, readonly string[]>> {
  const target = (code: string): Target => ({ package: code, resource: null, instance: null, actions: [] });
  const paths = await rightsToGive(tx, caller, at, codes.map(target));
  return new Map(codes.flatMap((code, i) => (paths[i] ? [[code, paths[i]] as const] : [])));
}

/** Which actions on a resource, or on one item of it, a caller may give at a party; undefined for a resource that nobody knows. */
export async function actionsToGive(
  tx: Tx,
  caller: Caller,
  at: Party,
  what: { readonly resource: ResourceId; readonly instance: string | null },
): Promise<{ action: string; mayGive: boolean }[] | undefined> {
  const policy = (await findPolicies(tx, [what.resource])).get(what.resource);
  if (!policy || !caller.subject) return undefined;
  const asked = actionsOf(policy).map((action) => ({ resource: policy.id, action, instance: what.instance }));
  const given = await factsOfCaller(tx, caller.subject, at, wantedFor(new Map([[policy.id, policy]]), asked, true));
  const reaches = caller.authLevel >= policy.minLevel;
  return asked.map((ask) => ({
    action: ask.action,
    mayGive: reaches && given !== undefined && mayGiveResource(policy, { ...ask, party: at }, given) !== undefined,
  }));
}

/** The actions that a policy permits somebody, in its order. One that permits whatever is asked permits reading at the least. */
export function actionsOf(policy: Policy): string[] {
  const permits = policy.rules.filter((rule) => rule.effect === 'permit');
  const named = permits.flatMap(({ actions }) => actions.map((action) => action.toLowerCase()));
  return [...new Set([...named, ...(permits.some(({ actions }) => actions.length === 0) ? ['read'] : [])])];
}

async function factsOfCaller(tx: Tx, subject: PartyId, at: Party, asked: AskedOfGivers): Promise<SubjectFacts | undefined> {
  return (await factsOfGiver(tx, subject, [at.id], asked)).get(at.id);
}

type AskedOfGivers = Omit<WantedFacts, 'administrators' | 'named'>;

/** What holds for a living person at each of these parties that are there, with its power to give. Four statements for any number. */
export async function factsOfGiver(
  tx: Tx,
  subject: PartyId,
  places: readonly PartyId[],
  asked: AskedOfGivers,
): Promise<Map<PartyId, SubjectFacts>> {
  const wanted = { ...asked, administrators: true, named: nobody };
  const standing = await findStanding(tx, { places, subjects: [subject], resources: [] });
  const who = standing.subjects.get(subject);
  if (!who?.alive) return new Map();
  const there = places.flatMap((id) => standing.places.get(id) ?? []).filter(({ isGone }) => !isGone);
  const book = await bookAt(tx, standing, wanted);
  const { ties } = await findTies(
    tx,
    there.map(({ id }) => ({ at: id, subject })),
    tiesWanted(book, wanted),
  );
  const tiesAt = Map.groupBy(ties, ({ at }) => at);
  return new Map(there.map((place) => [place.id, factsOfOne(book, wanted, place, who, tiesAt.get(place.id) ?? [])]));
}

/** Whether the caller administers access at the party at all: such a one sees who has been given what. */
export async function administers(tx: Tx, subject: PartyId, at: Party): Promise<boolean> {
  if (at.id === subject) return true;
  const given = await factsOfCaller(tx, subject, at, onlyAdministering);
  return given?.facts.some((fact) => fact.kind === 'administrator') ?? false;
}

/** Whether a policy speaks of an action at all. */
export function knowsAction(policy: Policy, action: string): boolean {
  return policy.rules.some((rule) => rule.effect === 'permit' && (rule.actions.length === 0 || rule.actions.includes(action)));
}
