import {
  replaceClientDelegations,
  saveAccessLists,
  saveGrants,
  saveGuardianships,
  saveResources,
  saveRoleAssignments,
  saveSystemUsers,
} from '#access/index.ts';
import { publicJwkOf, saveClients } from '#identity/index.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { type SaveParty, saveContactPoints, saveParties } from '#register/index.ts';
import { saveLoginClients } from '../login/store.ts';
import { townErrors } from './errors.ts';
import type { PartyIds } from './look-up.ts';
import { gatherProblems } from './problems.ts';
import type { Town } from './schema.ts';

/**
 * Sends everything that a document says to the features whose it is. Joined writing; nothing is read back.
 * Refuses what only access can judge, with the place in the document: impliedRole, badReader, confidentialContradicted.
 */
export function writeTown(tx: Tx, town: Town, idOf: PartyIds): void {
  writeParties(tx, town, idOf);
  writeRoles(tx, town, idOf);
  saveAccessLists(
    tx,
    town.accessLists.map(({ id, owner, members }) => ({ id, owner: idOf(owner), members: [...new Set(members)].map(idOf) })),
  );
  writeResources(tx, town, idOf);
  saveGrants(
    tx,
    town.grants.map(({ to, at, package: code, resource, actions, until }) => ({
      to: idOf(to),
      at: idOf(at),
      package: code ?? null,
      resource: (resource as ResourceId | undefined) ?? null,
      ...(actions ? { actions: inLowerCase(actions) } : {}),
      until: until ?? null,
    })),
  );
  writeActing(tx, town, idOf);
  saveClients(
    tx,
    town.clients.map(({ clientId, organization, keyId, publicKeyPem: pem, jwk, scopes }) => ({
      clientId,
      organizationId: idOf(organization),
      keyId: keyId ?? null,
      publicJwk: pem === undefined && jwk === undefined ? null : { ...publicJwkOf({ pem, jwk }) },
      scopes: [...new Set(scopes)],
    })),
  );
  saveLoginClients(
    tx,
    town.clients.map(({ clientId, redirectUris = [], postLogoutRedirectUris = [], frontchannelLogoutUri = null }) => ({
      clientId,
      redirectUris,
      postLogoutRedirectUris,
      frontchannelLogoutUri,
    })),
  );
  saveSystemUsers(
    tx,
    town.systemUsers.map(({ id, system, owner, rights }) => ({
      id: id.toLowerCase() as PartyId,
      system,
      owner: idOf(owner),
      rights: rights.map(({ resource, actions }) => ({ resource: resource as ResourceId, actions: inLowerCase(actions) })),
    })),
  );
}

/** An agent is one by being named; what it has at a client is replaced. */
function writeActing(tx: Tx, town: Town, idOf: PartyIds): void {
  const delegations = town.clientDelegations.map(({ client, provider, agent, packages }) => ({
    ...{ client: idOf(client), provider: idOf(provider), agent: idOf(agent) },
    packages,
  }));
  saveRoleAssignments(
    tx,
    delegations.map(({ provider, agent }) => ({ holder: agent, role: 'agent', at: provider, source: 'town' })),
  );
  replaceClientDelegations(tx, delegations);
  saveGuardianships(
    tx,
    town.guardians.map(({ guardian, ward, roles }) => ({ guardian: idOf(guardian), ward: idOf(ward), roles })),
  );
}

function inLowerCase(actions: readonly string[]): string[] {
  return [...new Set(actions.map((action) => action.toLowerCase()))];
}

function writeParties(tx: Tx, town: Town, idOf: PartyIds): void {
  saveParties(
    tx,
    town.parties.map((party) => ({ ...partyOf(party), id: idOf(party.number) })),
  );
  saveContactPoints(
    tx,
    town.parties.flatMap(({ number, contactPoints }) =>
      contactPoints
        ? [{ party: idOf(number), points: contactPoints.map(({ verified, ...point }) => ({ ...point, confirmedAt: verified ?? null })) }]
        : [],
    ),
  );
}

/** Members that the document leaves out are left out here too: they keep what stands. */
function partyOf({
  kind,
  number,
  name,
  orgCode,
  unitType,
  parent,
  language,
  reserved,
  lastLogin,
  ...gone
}: Town['parties'][number]): SaveParty {
  return {
    kind,
    number,
    name,
    ...(orgCode === undefined ? {} : { orgCode }),
    ...(unitType === undefined ? {} : { unitType }),
    ...(parent === undefined ? {} : { parentNumber: parent }),
    ...(language === undefined ? {} : { language }),
    ...(reserved === undefined ? {} : { reserved }),
    ...(lastLogin === undefined ? {} : { lastLoginOn: lastLogin }),
    ...(gone.died === undefined ? {} : { diedOn: gone.died }),
    ...(gone.deregistered === undefined ? {} : { deletedAt: gone.deregistered }),
    ...(gone.successor === undefined ? {} : { successorNumber: gone.successor }),
    implicit: false,
  };
}

function writeRoles(tx: Tx, town: Town, idOf: PartyIds): void {
  const rows = town.roles.map(({ holder, role, at }) => ({ holder: idOf(holder), role, at: idOf(at), source: 'town' }));
  located(
    () => saveRoleAssignments(tx, rows),
    ({ role: refused }, problems) => {
      for (const [i, { role }] of town.roles.entries()) {
        if (role.toLowerCase().endsWith(String(refused))) problems.add(townErrors.impliedRole, `/roles/${i}/role (${role})`);
      }
    },
  );
}

function writeResources(tx: Tx, town: Town, idOf: PartyIds): void {
  const rows = town.resources.map(({ id, owner, ...rest }) => ({
    ...rest,
    id: id as ResourceId,
    owner: idOf(owner),
    accessList: rest.accessList ?? null,
    broker: rest.broker ?? null,
    fallback: rest.fallback ? idOf(rest.fallback) : null,
    implicit: false,
  }));
  located(
    () => saveResources(tx, rows),
    ({ resource: refused, reader }, problems) => {
      for (const [i, { id, readers }] of town.resources.entries()) {
        if (id !== refused) continue;
        if (reader === undefined) problems.add(townErrors.confidentialContradicted, `/resources/${i}/confidential`);
        else problems.add(townErrors.badReader, `/resources/${i}/readers/${readers?.indexOf(String(reader))}`);
      }
    },
  );
}

/** Another feature's refusal as one of the document's, with its place. One whose place cannot be told is thrown as it came. */
function located(write: () => void, place: (facts: Refusal['facts'], problems: ReturnType<typeof gatherProblems>) => void): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const problems = gatherProblems();
    place(error.facts, problems);
    problems.throwIfAny();
    throw error;
  }
}
