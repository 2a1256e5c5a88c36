import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties, findParty, type Party } from '#register/index.ts';
import { mayEach } from '../decide/may.ts';
import { accessErrors } from '../errors.ts';
import { callingPerson } from '../grants/create-grant.ts';
import { findNamedParty } from '../grants/named-party.ts';
import { listGone } from '../store/gone.ts';
import { listRoleEntries } from '../store/role-book.ts';
import { partiesOf } from '../store/roles.ts';
import { findTies, type Tie } from '../store/ties.ts';
import { resourceOf } from './resources.ts';
import { listGivenTo, listPackageCodes } from './store.ts';
import { instanceUrn } from './views.ts';
import type { AuthorizedParty, AuthorizedQuery, OwnersQuestion } from './wire-authorized.ts';

/** Parties that are looked at in one statement. The answer is whole: the original's has no next page. */
const atOnce = 1000;
const nobodyNamed = { numbers: [], orgCodes: [], partyIds: [], ids: [] };

/** Whom the calling person can represent, and by what. Refuses callerNotPerson. Source: compatibility.md, platform, §2.5. */
export async function listOwnParties(ctx: Context, caller: Caller, query: AuthorizedQuery): Promise<AuthorizedParty[]> {
  const by = callingPerson(caller);
  return authorizedParties(ctx.db, (await findParty(ctx.db, by))!, query);
}

/**
 * The same of a person, an organization or a system user, asked by a service owner. Nobody is known by the number: nothing is
 * answered, as of one who can represent nobody. Refuses partyReferenceInvalid.
 */
export async function listPartiesOf(ctx: Context, question: OwnersQuestion, query: AuthorizedQuery): Promise<AuthorizedParty[]> {
  const subject = await subjectOf(ctx, question);
  return subject ? authorizedParties(ctx.db, subject, query) : [];
}

async function subjectOf(ctx: Context, { type, value }: OwnersQuestion): Promise<Party | undefined> {
  const name = type.toLowerCase();
  if (name === 'urn:altinn:person:uuid' || name === 'urn:altinn:party:uuid')
    return findNamedParty(ctx, 'value', `urn:altinn:party:uuid:${value}`);
  if (!/^urn:altinn:(person:identifier-no|organization:identifier-no|systemuser:uuid)$/.test(name))
    throw refuse(accessErrors.partyReferenceInvalid, { field: 'type' });
  return findNamedParty(ctx, 'value', `${name}:${value}`);
}

/** Nobody acts who has died or is closed. Else itself, and each party where something ties it to that; what is closed, where that is asked for. */
async function authorizedParties(reader: Reader, subject: Party, query: AuthorizedQuery): Promise<AuthorizedParty[]> {
  if (!subject.alive) return [];
  const all = await partiesOf(reader, subject.id);
  const gone = await listGone(reader, all);
  const named = query.partyFilter && new Set(query.partyFilter.map((id) => id.toLowerCase()));
  const asked = all.filter((id) => (query.includeInactiveParties || !gone.has(id)) && (!named || named.has(id)));
  const ties = await tiesAt(reader, subject, asked, all);
  const viaKeyRoles = query.includePartiesViaKeyRoles !== 'false';
  const counts = ({ leadRole }: Tie) => viaKeyRoles || leadRole === null;
  const reached = asked.filter((id) => id === subject.id || (viaKeyRoles && gone.has(id)) || (ties.get(id) ?? []).some(counts));
  const kept = query.anyOfResourceIds?.length ? await thoseWith(reader, subject.id, reached, query.anyOfResourceIds) : reached;
  return asTree(reader, kept, ties, query);
}

function* chunksOf<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < all.length; i += atOnce) yield all.slice(i, i + atOnce);
}

/** Everything that ties somebody to these parties: all roles and packages, and whatever single thing it was given. */
async function tiesAt(reader: Reader, subject: Party, asked: readonly PartyId[], all: readonly PartyId[]): Promise<Map<PartyId, Tie[]>> {
  const entries = await listRoleEntries(reader);
  const given = await listGivenTo(reader, [subject.id, ...all]);
  const wanted = {
    roles: [...new Set(entries.map(({ role }) => role))],
    packages: await listPackageCodes(reader),
    resources: [...new Set(given.map(({ resource }) => resource))],
    instances: given.flatMap(({ instance }) => instance ?? []),
    named: nobodyNamed,
  };
  const ties: Tie[] = [];
  for (const some of chunksOf(asked)) {
    const found = await findTies(
      reader,
      some.map((at) => ({ at, subject: subject.id })),
      wanted,
    );
    for (const tie of found.ties) ties.push(tie);
  }
  return Map.groupBy(ties, ({ at }) => at);
}

async function thoseWith(reader: Reader, subject: PartyId, parties: readonly PartyId[], resources: readonly string[]): Promise<PartyId[]> {
  const caller: Caller = {
    ...{ kind: 'person', issuer: 'altinn', subject, party: subject, consumer: null, scopes: new Set<string>() },
    ...{ authLevel: 4, clientId: null },
  };
  const able = new Set<PartyId>();
  for (const some of chunksOf(parties)) {
    const asked = some.flatMap((party) =>
      resources.map((resource) => ({ caller, question: { action: 'read', resource: resourceOf(resource), party } })),
    );
    const decisions = await mayEach(reader, asked);
    for (const [i, { question }] of asked.entries()) if (decisions[i]!.permit) able.add(question.party);
  }
  return parties.filter((party) => able.has(party));
}

/** Subunits below their main unit, which stands there as a mere step where the subject has nothing at it itself. */
async function asTree(
  reader: Reader,
  kept: readonly PartyId[],
  ties: ReadonlyMap<PartyId, readonly Tie[]>,
  query: AuthorizedQuery,
): Promise<AuthorizedParty[]> {
  const own = await findParties(reader, kept);
  const above = [...own.values()].flatMap(({ parentId, kind }) =>
    parentId && kind === 'organization' && !own.has(parentId) ? [parentId] : [],
  );
  const steps = await findParties(reader, [...new Set(above)]);
  const packages = query.includeAccessPackages ? await packagesOfRoles(reader) : new Map<string, PackageOfRole[]>();
  const views = new Map([...own.values()].map((party) => [party.id, viewOf(party, ties.get(party.id) ?? [], packages, query, false)]));
  for (const party of steps.values()) views.set(party.id, viewOf(party, [], packages, query, true));
  const roots: AuthorizedParty[] = [];
  for (const party of [...own.values(), ...steps.values()]) {
    const parent = party.kind === 'organization' && party.parentId ? views.get(party.parentId) : undefined;
    const view = views.get(party.id)!;
    if (!parent) roots.push(view);
    else if (query.includeSubParties !== false) parent.subunits.push(view);
  }
  return roots.sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface PackageOfRole {
  readonly code: string;
  readonly unitType: string | null;
}

async function packagesOfRoles(reader: Reader): Promise<Map<string, PackageOfRole[]>> {
  const had = (await listRoleEntries(reader)).filter(({ kind, isHad }) => kind === 'package' && isHad);
  const byRole = Map.groupBy(had, ({ role }) => role);
  return new Map([...byRole].map(([role, entries]) => [role, entries.map(({ value, unitType }) => ({ code: value, unitType }))]));
}

function viewOf(
  party: Party,
  ties: readonly Tie[],
  packagesOf: ReadonlyMap<string, readonly PackageOfRole[]>,
  query: AuthorizedQuery,
  isStep: boolean,
): AuthorizedParty {
  const once = <T>(values: readonly T[]) => [...new Set(values)];
  const packages = ties.flatMap(({ role, package: code, agentPackage }) => {
    if (agentPackage !== null) return [agentPackage];
    if (code !== null) return [code];
    return (packagesOf.get(role ?? '') ?? [])
      .filter(({ unitType }) => unitType === null || unitType === party.unitType)
      .map((each) => each.code);
  });
  const items = ties.filter(({ resource, instance }) => resource !== null && instance !== null);
  return {
    partyUuid: party.id,
    name: party.name,
    organizationNumber: party.kind === 'organization' ? party.number : null,
    parentId: party.kind === 'organization' ? party.parentId : null,
    personId: party.kind === 'person' ? party.number : null,
    dateOfBirth: null,
    emailId: null,
    partyId: party.partyId,
    type: party.kind === 'person' ? 'Person' : party.kind === 'organization' ? 'Organization' : 'None',
    unitType: party.unitType,
    isDeleted: !party.alive,
    onlyHierarchyElementWithNoAccess: isStep,
    authorizedAccessPackages: query.includeAccessPackages ? once(packages).sort() : [],
    authorizedRoles: query.includeRoles
      ? once(ties.flatMap(({ role, agentPackage }) => (role && agentPackage === null ? [role] : []))).sort()
      : [],
    authorizedResources: query.includeResources
      ? once(ties.flatMap(({ resource, instance }): ResourceId[] => (resource && instance === null ? [resource] : []))).sort()
      : [],
    authorizedInstances: query.includeInstances
      ? items.map(({ resource, instance }) => ({ resourceId: resource!, instanceId: instance!, instanceRef: instanceUrn(instance!) }))
      : [],
    subunits: [],
  };
}
