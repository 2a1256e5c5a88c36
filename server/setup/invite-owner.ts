import { Value } from 'typebox/value';
import { announceAccessChanges, saveGrants } from '#access/index.ts';
import { findClient, saveClients } from '#identity/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { newId, type PartyId } from '#kernel/ids.ts';
import { StartError } from '#kernel/start-error.ts';
import {
  contactPoints,
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
 * Sets up an owner of services: the organization, the person who administers access at it, and, where one is named, a client
 * of its own that has no key yet. Then gives the secret of a link by which that key is handed in, once, within a day.
 * Whoever is known already keeps name, code and addresses.
 *
 * Refuses (StartError, with nothing written) numbers that are none, names that are empty or cannot be kept, a code or client
 * that another has, another code than the organization has, and a second owner unless `another` is said.
 */
export async function inviteOwner(ctx: Context, given: unknown): Promise<string | undefined> {
  const request = readRequest(given);
  return ctx.db.transaction(async (tx) => {
    await lockSetup(tx);
    const known = await partiesByNumber(tx, [request.organization.number, request.administrator.number]);
    await refuse(tx, request, known);
    const { owner, person } = writeParties(tx, request, known);
    await writeEmail(tx, person, request.administrator.email);
    saveGrants(tx, [{ at: owner, to: person, package: administratorPackage }]);
    const token = request.client && writeClient(tx, owner, request.client);
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
  const texts = { 'name of the organization': organization.name, 'name of the administrator': administrator.name };
  for (const [what, text] of Object.entries({ ...texts, 'e-mail address': administrator.email ?? 'none' })) {
    if (text.trim() === '') throw new StartError(`The ${what} is empty.`);
    if (text.includes('\0') || !text.isWellFormed())
      throw new StartError(`The ${what} holds U+0000 or half a character, which cannot be kept.`);
  }
  return given;
}

type Known = ReadonlyMap<string, Party>;

async function refuse(tx: Tx, { organization, client, another }: OwnerRequest, known: Known): Promise<void> {
  if (!another && (await hasOwner(tx)))
    throw new StartError('There is an owner already. Say --another to set up one more. Nothing was written.');
  const code = known.get(organization.number)?.orgCode ?? organization.code;
  if (code !== organization.code)
    throw new StartError(`Organization ${organization.number} has the code ${code}, which stays. Say that one; nothing was written.`);
  const holder = await holderOfCode(tx, organization.code);
  if (holder !== undefined && holder !== organization.number)
    throw new StartError(`Another organization has the code ${organization.code}. Nothing was written.`);
  if (client && (await findClient(tx, client.id)))
    throw new StartError(`There is a client ${client.id} already. Choose another name; nothing was written.`);
}

function writeParties(tx: Tx, { organization, administrator }: OwnerRequest, known: Known): { owner: PartyId; person: PartyId } {
  const kept = ({ number, name }: { readonly number: string; readonly name: string }) => ({
    id: known.get(number)?.id ?? newId<PartyId>(),
    name: known.get(number)?.name ?? name.trim(),
  });
  const [owner, person] = [kept(organization), kept(administrator)];
  saveParties(tx, [
    { ...owner, kind: 'organization', number: organization.number, orgCode: organization.code, implicit: false },
    { ...person, kind: 'person', number: administrator.number, implicit: false },
  ]);
  return { owner: owner.id, person: person.id };
}

async function writeEmail(tx: Tx, person: PartyId, address: string | undefined): Promise<void> {
  if (address === undefined || (await contactPoints(tx, [person])).size > 0) return;
  saveContactPoints(tx, [{ party: person, points: [{ channel: 'email', address }] }]);
}

function writeClient(tx: Tx, organizationId: PartyId, { id: clientId, scopes }: NonNullable<OwnerRequest['client']>): string {
  const token = newToken();
  saveClients(tx, [{ clientId, organizationId, keyId: null, publicJwk: null, scopes: [...new Set(scopes)] }]);
  saveInvitation(tx, { digest: digestOf(token), clientId });
  return token;
}
