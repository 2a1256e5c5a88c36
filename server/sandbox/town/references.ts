import { readPolicy } from '#access/index.ts';
import type { ResourceId } from '#kernel/ids.ts';
import type { Town } from './schema.ts';

/** A number that a document names a party by, other than the party's own entry. */
export interface PartyNamed {
  readonly place: string;
  readonly number: string;
}

/** Pure. Wherever a document names a party. */
export function partiesNamed(town: Town): PartyNamed[] {
  const named: PartyNamed[] = [];
  const name = (place: string, number: string) => void named.push({ place, number });
  for (const [i, { parent, successor }] of town.parties.entries()) {
    if (parent) name(`/parties/${i}/parent`, parent);
    if (successor) name(`/parties/${i}/successor`, successor);
  }
  for (const [i, { holder, at }] of town.roles.entries()) {
    name(`/roles/${i}/holder`, holder);
    name(`/roles/${i}/at`, at);
  }
  for (const [i, { to, at }] of town.grants.entries()) {
    name(`/grants/${i}/to`, to);
    name(`/grants/${i}/at`, at);
  }
  for (const [i, { client, provider, agent }] of town.clientDelegations.entries()) {
    name(`/clientDelegations/${i}/client`, client);
    name(`/clientDelegations/${i}/provider`, provider);
    name(`/clientDelegations/${i}/agent`, agent);
  }
  for (const [i, { guardian, ward }] of town.guardians.entries()) {
    name(`/guardians/${i}/guardian`, guardian);
    name(`/guardians/${i}/ward`, ward);
  }
  for (const [i, { owner, members }] of town.accessLists.entries()) {
    name(`/accessLists/${i}/owner`, owner);
    for (const [j, member] of members.entries()) name(`/accessLists/${i}/members/${j}`, member);
  }
  for (const [i, { owner, senders, fallback }] of town.resources.entries()) {
    name(`/resources/${i}/owner`, owner);
    if (fallback) name(`/resources/${i}/fallback`, fallback);
    if (Array.isArray(senders)) for (const [j, sender] of senders.entries()) name(`/resources/${i}/senders/${j}`, sender);
  }
  for (const [i, { organization }] of town.clients.entries()) name(`/clients/${i}/organization`, organization);
  for (const [i, { owner }] of town.systemUsers.entries()) name(`/systemUsers/${i}/owner`, owner);
  return named;
}

/** Something that a document names by its code, and where. */
export interface CodeNamed {
  readonly place: string;
  readonly code: string;
}

export function resourcesNamed(town: Town): CodeNamed[] {
  return [
    ...town.grants.flatMap(({ resource }, i) => (resource ? [{ place: `/grants/${i}/resource`, code: resource }] : [])),
    ...town.systemUsers.flatMap(({ rights }, i) =>
      rights.map(({ resource }, j) => ({ place: `/systemUsers/${i}/rights/${j}/resource`, code: resource })),
    ),
  ];
}

export function accessListsNamed(town: Town): CodeNamed[] {
  return town.resources.flatMap(({ accessList }, i) => (accessList ? [{ place: `/resources/${i}/accessList`, code: accessList }] : []));
}

/** Roles and packages, among them those of readers and policies. A reader of a form that nobody reads is neither. */
export function rolesNamed(town: Town): CodeNamed[] {
  const readers = readersOf(town).filter(({ code }) => !code.includes(':') && code !== 'self' && code !== 'organization');
  const held = town.roles.map(({ role }, i) => ({ place: `/roles/${i}/role`, code: role }));
  return [...held, ...guardianRolesNamed(town), ...readers, ...inPolicies(town, 'roles')];
}

export function guardianRolesNamed(town: Town): CodeNamed[] {
  return town.guardians.flatMap(({ roles }, i) => roles.map((code, j) => ({ place: `/guardians/${i}/roles/${j}`, code })));
}

export function packagesNamed(town: Town): CodeNamed[] {
  const readers = readersOf(town).flatMap(({ place, code }) =>
    code.startsWith('package:') ? [{ place, code: code.slice('package:'.length) }] : [],
  );
  return [
    ...town.grants.flatMap((grant, i) => (grant.package ? [{ place: `/grants/${i}/package`, code: grant.package }] : [])),
    ...town.clientDelegations.flatMap(({ packages }, i) =>
      packages.map((code, j) => ({ place: `/clientDelegations/${i}/packages/${j}`, code })),
    ),
    ...readers,
    ...inPolicies(town, 'packages'),
  ];
}

function inPolicies(town: Town, kind: 'roles' | 'packages'): CodeNamed[] {
  return town.resources.flatMap(({ id, policyXml }, i) => {
    if (policyXml === undefined) return [];
    return readPolicy(policyXml, id as ResourceId)[kind].map((code) => ({ place: `/resources/${i}/policyXml`, code }));
  });
}

function readersOf(town: Town): CodeNamed[] {
  return town.resources.flatMap(({ readers }, i) => (readers ?? []).map((code, j) => ({ place: `/resources/${i}/readers/${j}`, code })));
}
