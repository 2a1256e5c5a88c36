import { Value } from 'typebox/value';
import { announceAccessChanges, saveGrants } from '#access/index.ts';
import { findClient, saveClients } from '#identity/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { StartError } from '#kernel/start-error.ts';
import {
  isNationalIdentityNumber,
  isOrganizationNumber,
  type Party,
  partiesByNumber,
  saveContactPoints,
  saveParties,
} from '#register/index.ts';
import { digestOf, newToken } from './link-token.ts';
import { hasOwner, holderOfCode, lockSetup, saveInvitation } from './store.ts';
import { OwnerRequest } from './wire.ts';

/** Who holds this package gives rights to others, and reads nothing by it. */
const administratorPackage = 'hovedadministrator';

/**
 * Sets up an owner of services: the organization, the person who administers access at it, and a client of its own that has
 * no key yet. Gives the secret of a link by which that key is handed in, once, within a day.
 *
 * Refuses (StartError, with nothing written) numbers that are none, a code or client that another has, and a second owner unless `another` is said.
 */
export async function inviteOwner(ctx: Context, given: unknown): Promise<string> {
  const request = readRequest(given);
  const token = newToken();
  return ctx.db.transaction(async (tx) => {
    await lockSetup(tx);
    await refuse(tx, request);
    const known = await partiesByNumber(tx, [request.organization.number, request.administrator.number]);
    writeOwner(tx, request, known);
    saveInvitation(tx, { digest: digestOf(token), clientId: request.client.id });
    await announceAccessChanges(tx);
    return token;
  });
}

function readRequest(given: unknown): OwnerRequest {
  const [wrong] = Value.Errors(OwnerRequest, given);
  if (wrong || !Value.Check(OwnerRequest, given)) throw new StartError(`${wrong?.instancePath || 'What was given'} ${wrong?.message}.`);
  const { organization, administrator } = given;
  if (!isOrganizationNumber(organization.number))
    throw new StartError('The number of the organization is none: nine digits with a check digit.');
  if (!isNationalIdentityNumber(administrator.number))
    throw new StartError('The number of the administrator is none: eleven digits with check digits.');
  return given;
}

async function refuse(tx: Tx, { organization, client, another }: OwnerRequest): Promise<void> {
  if (!another && (await hasOwner(tx)))
    throw new StartError('There is an owner already. Say --another to set up one more. Nothing was written.');
  const holder = await holderOfCode(tx, organization.code);
  if (holder !== undefined && holder !== organization.number)
    throw new StartError(`Another organization has the code ${organization.code}. Nothing was written.`);
  if (await findClient(tx, client.id))
    throw new StartError(`There is a client ${client.id} already. Choose another name; nothing was written.`);
}

function writeOwner(tx: Tx, { organization, administrator, client }: OwnerRequest, known: ReadonlyMap<string, Party>): void {
  const idOf = (number: string): PartyId => known.get(number)?.id ?? newId<PartyId>();
  const [owner, person] = [idOf(organization.number), idOf(administrator.number)];
  saveParties(tx, [
    { id: owner, kind: 'organization', number: organization.number, name: organization.name, orgCode: organization.code, implicit: false },
    { id: person, kind: 'person', number: administrator.number, name: administrator.name, implicit: false },
  ]);
  if (administrator.email) saveContactPoints(tx, [{ party: person, points: [{ channel: 'email', address: administrator.email }] }]);
  saveGrants(tx, [{ at: owner, to: person, package: administratorPackage }]);
  saveClients(tx, [{ clientId: client.id, organizationId: owner, keyId: null, publicJwk: null, scopes: [...new Set(client.scopes)] }]);
}
