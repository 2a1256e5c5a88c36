import { findResources, listOtherRoles, listUnknownNames } from '#access/index.ts';
import type { Tx } from '#kernel/database.ts';
import { newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import { findParties, partiesByNumber } from '#register/index.ts';
import { townErrors } from './errors.ts';
import { digestsOf } from './keys.ts';
import { gatherProblems, type Problems } from './problems.ts';
import {
  accessListsNamed,
  type CodeNamed,
  guardianRolesNamed,
  packagesNamed,
  partiesNamed,
  resourcesNamed,
  rolesNamed,
} from './references.ts';
import type { Town } from './schema.ts';
import { findTownItems, holdersOfCodes } from './store.ts';

/** The id of each number that a document names: what it has, or what it will have. */
export type PartyIds = (number: string) => PartyId;

/**
 * Holds a document against what is known, with the town locked: whatever it names must stand in it or be known already.
 * Refuses unknownParty, unknownRole, unknownPackage, unknownResource, unknownAccessList, codeTaken, notSystemUser, wrongMember.
 */
export async function lookUp(tx: Tx, town: Town): Promise<PartyIds> {
  const problems = gatherProblems();
  const idOf = await lookUpParties(tx, town, problems);
  await lookUpNames(tx, rolesNamed(town), packagesNamed(town), problems);
  await lookUpGuardianRoles(tx, town, problems);
  await lookUpResources(tx, town, problems);
  await lookUpAccessLists(tx, town, problems);
  await lookUpCodes(tx, town, problems);
  problems.throwIfAny();
  await lookUpSystemUsers(tx, town, idOf, problems);
  problems.throwIfAny();
  return idOf;
}

async function lookUpParties(tx: Tx, town: Town, problems: Problems): Promise<PartyIds> {
  const named = partiesNamed(town);
  const own = town.parties.map(({ number }) => number);
  const known = await partiesByNumber(tx, [...new Set([...own, ...named.map(({ number }) => number)])]);
  const ids = new Map([...known].map(([number, party]) => [number, party.id]));
  for (const number of own) if (!ids.has(number)) ids.set(number, newId<PartyId>());
  for (const { place, number } of named) if (!ids.has(number)) problems.add(townErrors.unknownParty, place);
  return (number) => ids.get(number)!;
}

async function lookUpNames(tx: Tx, roles: readonly CodeNamed[], packages: readonly CodeNamed[], problems: Problems): Promise<void> {
  const codes = (named: readonly CodeNamed[]) => [...new Set(named.map(({ code }) => code))];
  const unknownRoles = new Set(await listUnknownNames(tx, { roles: codes(roles), packages: [] }));
  const unknownPackages = new Set(await listUnknownNames(tx, { roles: [], packages: codes(packages) }));
  for (const { place, code } of roles) if (unknownRoles.has(code)) problems.add(townErrors.unknownRole, `${place} (${code})`);
  for (const { place, code } of packages) if (unknownPackages.has(code)) problems.add(townErrors.unknownPackage, `${place} (${code})`);
}

async function lookUpGuardianRoles(tx: Tx, town: Town, problems: Problems): Promise<void> {
  const named = guardianRolesNamed(town);
  const others = await listOtherRoles(tx, [...new Set(named.map(({ code }) => code))]);
  for (const { place, code } of named)
    if (others.has(code)) problems.add(townErrors.wrongMember, `${place} (${code}) is no role of a guardian`);
}

async function lookUpResources(tx: Tx, town: Town, problems: Problems): Promise<void> {
  const own = new Set(town.resources.map(({ id }) => id));
  const others = resourcesNamed(town).filter(({ code }) => !own.has(code));
  const known = await findResources(tx, [...new Set(others.map(({ code }) => code as ResourceId))]);
  for (const { place, code } of others) if (!known.has(code as ResourceId)) problems.add(townErrors.unknownResource, `${place} (${code})`);
}

/** Lists come from town documents only, so what documents have said tells which there are. */
async function lookUpAccessLists(tx: Tx, town: Town, problems: Problems): Promise<void> {
  const own = new Set(town.accessLists.map(({ id }) => id));
  const others = accessListsNamed(town)
    .filter(({ code }) => !own.has(code))
    .map((named) => ({ ...named, key: digestsOf('accessLists', { id: named.code, owner: '', members: [] }).key }));
  if (others.length === 0) return;
  const items = await findTownItems(
    tx,
    others.map(({ key }) => ({ list: 'accessLists', key })),
  );
  const known = new Set(items.map(({ key }) => key));
  for (const { place, code, key } of others) if (!known.has(key)) problems.add(townErrors.unknownAccessList, `${place} (${code})`);
}

async function lookUpCodes(tx: Tx, town: Town, problems: Problems): Promise<void> {
  const codes = town.parties.flatMap(({ orgCode }) => (orgCode ? [orgCode] : []));
  const holders = await holdersOfCodes(tx, codes);
  for (const [i, { orgCode, number }] of town.parties.entries()) {
    const holder = orgCode && holders.get(orgCode);
    if (holder && holder !== number) problems.add(townErrors.codeTaken, `/parties/${i}/orgCode (${orgCode})`);
  }
}

async function lookUpSystemUsers(tx: Tx, town: Town, idOf: PartyIds, problems: Problems): Promise<void> {
  const known = await findParties(
    tx,
    town.systemUsers.map(({ id }) => id as PartyId),
  );
  for (const [i, { id, owner }] of town.systemUsers.entries()) {
    const party = known.get(id.toLowerCase() as PartyId);
    if (!party) continue;
    if (party.kind !== 'system-user') problems.add(townErrors.notSystemUser, `/systemUsers/${i}/id`);
    else if (party.parentId !== idOf(owner)) problems.add(townErrors.wrongMember, `/systemUsers/${i}/owner is another than it had`);
  }
}
