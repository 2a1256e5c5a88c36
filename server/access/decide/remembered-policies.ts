import type { Reader } from '#kernel/database.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { attribute, category, matchesOf, type Policy, ruleCovers } from '../policy.ts';
import { findMembers, findPolicies, memberKey, type VersionedPolicy } from '../store/resources.ts';
import { listRoleEntries, type RoleEntry } from '../store/role-book.ts';
import type { Place, Standing } from '../store/standing.ts';
import { createMemory } from './memory.ts';
import { openBook, type RoleBook } from './role-book.ts';
import type { WantedFacts } from './wanted.ts';

const policies = createMemory<VersionedPolicy>(50_000, ({ rules }) => 1 + valuesCount(rules));
const documents = createMemory<RoleEntry[]>(10, () => 1);
const books = createMemory<RoleBook>(50_000, (book) => 1 + book.size);

const valuesCount = (rules: Policy['rules']) => rules.reduce((n, rule) => n + rule.target.flat(2).length, 0);

/**
 * The policies of the resources that are known, read anew where their version is not the one that was read before. What
 * the asking transaction has changed itself is read each time.
 */
export async function policiesAt(
  reader: Reader,
  { policies: stamps }: Pick<Standing, 'policies'>,
): Promise<Map<ResourceId, VersionedPolicy>> {
  const found = new Map<ResourceId, VersionedPolicy>();
  for (const [id, { version, isOwn }] of stamps) {
    const known = isOwn ? undefined : policies.get(`${id} ${version}`);
    if (known) found.set(id, known);
  }
  const missing = [...stamps.keys()].filter((id) => !found.has(id));
  if (missing.length === 0) return found;
  for (const policy of (await findPolicies(reader, missing)).values()) {
    found.set(policy.id, policy);
    if (!stamps.get(policy.id)?.isOwn) policies.set(`${policy.id} ${policy.version}`, policy);
  }
  return found;
}

/** Whether a policy is the one that stands: not changed by the asking transaction, nor by another since its version was read. */
export function isSettled({ id, version }: VersionedPolicy, { policies: stamps }: Pick<Standing, 'policies'>): boolean {
  const stamp = stamps.get(id);
  return stamp?.isOwn === false && stamp.version === version;
}

/** What roles give of what is wanted, from the document that holds now. */
export async function bookAt(reader: Reader, { roles: version }: Pick<Standing, 'roles'>, wanted: WantedFacts): Promise<RoleBook> {
  const key = JSON.stringify([version, wanted.roles, wanted.packages, wanted.handedOn, wanted.administrators]);
  const open = books.get(key);
  if (open) return open;
  const entries = documents.get(version) ?? (await listRoleEntries(reader));
  const book = openBook(entries, wanted);
  documents.set(version, entries);
  books.set(key, book);
  return book;
}

/** Tells of each act on a policy at a party whether the policy's access lists, if it asks any, let the party be acted for so. */
export async function listedAt(reader: Reader, cases: readonly Listing[]): Promise<(one: Listing) => boolean> {
  const limited = cases.filter(({ policy, place }) => asksLists(policy) && place.kind === 'organization');
  const lists = [...new Set(limited.flatMap(({ policy, action }) => listsFor(policy, action)))];
  const members = await findMembers(reader, lists, [...new Set(limited.map(({ place }) => place.id))]);
  return ({ policy, place, action }) =>
    !asksLists(policy) ||
    (place.kind === 'organization' && listsFor(policy, action).some((list) => members.has(memberKey(list, place.id))));
}

function asksLists({ accessList, lists }: Policy): boolean {
  return accessList !== null || (lists ?? null) !== null;
}

/** Lists whose organizations may be acted for by this action. */
function listsFor({ accessList, lists }: Policy, action: string): string[] {
  const connected = (lists ?? []).filter(({ actions }) => actions === null || actions.includes(action.toLowerCase()));
  return [...(accessList === null ? [] : [accessList]), ...connected.map(({ list }) => list)];
}

interface Listing {
  readonly policy: Policy;
  readonly place: Place;
  readonly action: string;
}

/** Whether the rules for an action speak of more than subjects: of single messages or attachments, or of the party. */
export function isParticular({ rules }: Policy, action: string): boolean {
  const matches = rules.filter((rule) => ruleCovers(rule, action)).flatMap(matchesOf);
  return matches.some((match) => match.category === category.resource && match.attribute !== attribute.resource);
}
