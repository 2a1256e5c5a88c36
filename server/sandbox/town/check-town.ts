import { readPolicy } from '#access/index.ts';
import { publicJwkOf } from '#identity/index.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import { isNationalIdentityNumber, isOrganizationNumber } from '#register/index.ts';
import { townErrors } from './errors.ts';
import { keyOf } from './keys.ts';
import { gatherProblems, type Problems } from './problems.ts';
import { partiesNamed } from './references.ts';
import { type Town, type TownList, townLists } from './schema.ts';

/**
 * Pure. What the schema cannot say of a document by itself: check digits, keys that come twice, members that do not go
 * together, keys that verify nothing, policies that cannot be read, and what is said to be over and lies ahead of today, a date in Norway.
 */
export function checkTown(town: Town, today: string): void {
  const problems = gatherProblems();
  checkNumbers(town, problems);
  checkParties(town, problems);
  checkEnds(town, today, problems);
  for (const list of townLists) checkKeys(town, list, problems);
  checkGrants(town, problems);
  checkActing(town, problems);
  checkResources(town, problems);
  checkClients(town, problems);
  problems.throwIfAny();
}

function checkNumbers(town: Town, problems: Problems): void {
  for (const { place, number } of partiesNamed(town)) {
    if (!isOrganizationNumber(number) && !isNationalIdentityNumber(number)) problems.add(townErrors.badNumber, place);
  }
}

function checkParties(town: Town, problems: Problems): void {
  const codes = new Set<string>();
  for (const [i, party] of town.parties.entries()) {
    const place = `/parties/${i}`;
    const fits = party.kind === 'organization' ? isOrganizationNumber : isNationalIdentityNumber;
    if (!fits(party.number)) problems.add(townErrors.badNumber, `${place}/number`);
    if (party.kind === 'person') {
      for (const name of ['orgCode', 'unitType', 'parent', 'deregistered', 'successor'] as const) {
        if (party[name] !== undefined) problems.add(townErrors.wrongMember, `${place}/${name} belongs to an organization`);
      }
    }
    if (party.kind === 'organization' && party.died !== undefined)
      problems.add(townErrors.wrongMember, `${place}/died belongs to a person`);
    if (party.successor === party.number) problems.add(townErrors.wrongMember, `${place}/successor is another organization`);
    if (party.orgCode !== undefined) {
      if (codes.has(party.orgCode)) problems.add(townErrors.duplicateKey, `${place}/orgCode`);
      codes.add(party.orgCode);
    }
    for (const [j, { channel, address }] of (party.contactPoints ?? []).entries()) {
      if (!addresses[channel].test(address)) problems.add(townErrors.badAddress, `${place}/contactPoints/${j}/address`);
    }
  }
}

/** Whoever is gone is gone from the moment on when it is said. */
function checkEnds({ parties }: Town, today: string, problems: Problems): void {
  for (const [i, party] of parties.entries())
    for (const name of ['died', 'deregistered'] as const) {
      const day = party[name];
      if (day && day > today) problems.add(townErrors.liesAhead, `/parties/${i}/${name}`);
    }
}

/** Enough to tell a mistake from an address; whether it exists is for the carrier to say. */
const addresses = { email: /^[^\s@]+@[^\s@]+$/, sms: /^\+[1-9]\d{4,14}$/ } as const;

function checkKeys<L extends TownList>(town: Town, list: L, problems: Problems): void {
  const seen = new Set<string>();
  for (const [i, item] of town[list].entries()) {
    const key = keyOf(list, item);
    if (seen.has(key)) problems.add(townErrors.duplicateKey, `/${list}/${i}`);
    seen.add(key);
  }
}

/** Whoever acts for others is a person, and another than they. */
function checkActing(town: Town, problems: Problems): void {
  for (const [i, { client, provider, agent }] of town.clientDelegations.entries()) {
    if (!isNationalIdentityNumber(agent)) problems.add(townErrors.wrongMember, `/clientDelegations/${i}/agent is a person`);
    if (client === provider) problems.add(townErrors.wrongMember, `/clientDelegations/${i}/client is another than its provider`);
  }
  for (const [i, { guardian, ward }] of town.guardians.entries()) {
    if (!isNationalIdentityNumber(ward)) problems.add(townErrors.wrongMember, `/guardians/${i}/ward is a person`);
    if (guardian === ward) problems.add(townErrors.wrongMember, `/guardians/${i}/guardian is another than the ward`);
  }
}

function checkGrants(town: Town, problems: Problems): void {
  for (const [i, grant] of town.grants.entries()) {
    const [byPackage, byResource] = [grant.package !== undefined, grant.resource !== undefined];
    if (byPackage === byResource) problems.add(townErrors.wrongMember, `/grants/${i} names either a package or a resource`);
    else if (byPackage && grant.actions) problems.add(townErrors.wrongMember, `/grants/${i}/actions belongs to a resource`);
    else if (byResource && !grant.actions) problems.add(townErrors.wrongMember, `/grants/${i} names the actions on the resource`);
  }
}

function checkResources(town: Town, problems: Problems): void {
  for (const [i, resource] of town.resources.entries()) {
    const place = `/resources/${i}`;
    if (resource.policyXml !== undefined) {
      if (resource.senders || resource.readers)
        problems.add(townErrors.wrongMember, `${place} says who may by policyXml, or by senders and readers`);
      checkPolicy(resource.policyXml, resource.id, `${place}/policyXml`, problems);
    }
    if (resource.broker && resource.type !== 'BrokerService')
      problems.add(townErrors.wrongMember, `${place}/broker belongs to a BrokerService`);
    if (resource.demandsPerson && resource.type === 'BrokerService')
      problems.add(townErrors.wrongMember, `${place}/demandsPerson belongs to letters: a file is for systems to fetch`);
    if ((resource.unreachable === 'fallback') !== Boolean(resource.fallback))
      problems.add(townErrors.wrongMember, `${place}/fallback belongs to unreachable: fallback, which needs one`);
  }
}

function checkPolicy(xml: string, resource: string, place: string, problems: Problems): void {
  try {
    readPolicy(xml, resource as ResourceId);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    problems.add(townErrors.policyUnread, `${place} ${error.facts.place}: ${error.facts.why}`);
  }
}

function checkClients(town: Town, problems: Problems): void {
  for (const [i, client] of town.clients.entries()) {
    const { publicKeyPem: pem, jwk, keyId } = client;
    const place = `/clients/${i}`;
    checkRedirects(client, place, problems);
    if (pem !== undefined && jwk !== undefined) problems.add(townErrors.wrongMember, `${place} has one key, as publicKeyPem or as jwk`);
    else if (pem === undefined && jwk === undefined && keyId !== undefined)
      problems.add(townErrors.wrongMember, `${place}/keyId names a key`);
    else if ((pem !== undefined || jwk !== undefined) && !publicJwkOf({ pem, jwk })) {
      problems.add(townErrors.badKey, `${place}/${pem === undefined ? 'jwk' : 'publicKeyPem'}`);
    }
  }
}

/** A script or a file is no place to send a browser to; a frame is fetched over the web. */
function checkRedirects(client: Town['clients'][number], place: string, problems: Problems): void {
  const isPlace = (address: string) => URL.canParse(address) && !/^(javascript|vbscript|data|blob|file|about):/i.test(address);
  for (const list of ['redirectUris', 'postLogoutRedirectUris'] as const) {
    for (const [j, address] of (client[list] ?? []).entries())
      if (!isPlace(address)) problems.add(townErrors.badRedirect, `${place}/${list}/${j}`);
  }
  const frame = client.frontchannelLogoutUri;
  if (frame !== undefined && !(isPlace(frame) && /^https?:/i.test(frame)))
    problems.add(townErrors.badRedirect, `${place}/frontchannelLogoutUri`);
}
