import { isNationalIdentityNumber } from './numbers.ts';

/**
 * How somebody outside names a party. `number` is what the register is asked for: the number of an organization or a
 * person; for the two kinds that the register does not hold yet it is the whole reference, which matches nobody.
 */
export interface PartyReference {
  readonly kind: 'organization' | 'person' | 'idporten-email' | 'legacy-selfidentified';
  readonly number: string;
}

const organization = /^(?:urn:altinn:organization:identifier-no:|0192:)(\d{9})$/;
const person = /^(?:urn:altinn:person:identifier-no:)?(\d{11})$/;
const email = /^urn:altinn:person:idporten-email:[^@:]+@[^@:]+$/;
const selfIdentified = /^urn:altinn:person:legacy-selfidentified:[^:]+$/;

/**
 * Reads the forms in which clients name a party. The check digit of an organization number is not asked for, those of a
 * person's number are; a bare organization number and a bare address are no reference. Letters count as lower case.
 * Source: compatibility.md, correspondence, §2.3.
 */
export function parsePartyReference(text: string): PartyReference | undefined {
  const given = text.toLowerCase();
  const organizationNumber = organization.exec(given)?.[1];
  if (organizationNumber) return { kind: 'organization', number: organizationNumber };
  const personNumber = person.exec(given)?.[1];
  if (personNumber) return isNationalIdentityNumber(personNumber) ? { kind: 'person', number: personNumber } : undefined;
  if (email.test(given)) return { kind: 'idporten-email', number: given };
  if (selfIdentified.test(given)) return { kind: 'legacy-selfidentified', number: given };
  return undefined;
}

/** Whether the text has the form of a person's reference and fails by its check digits alone, which has a message of its own. */
export function hasWrongCheckDigits(text: string): boolean {
  const number = person.exec(text.toLowerCase())?.[1];
  return number !== undefined && !isNationalIdentityNumber(number);
}

/**
 * The form in which answers name a party. A system user, which has no number, is named by its id.
 * Source: compatibility.md, correspondence, §2.3.
 */
export function partyUrn(party: {
  readonly id: string;
  readonly kind: 'person' | 'organization' | 'system-user';
  readonly number: string | null;
}): string {
  if (party.kind === 'system-user') return `urn:altinn:systemuser:uuid:${party.id}`;
  return `urn:altinn:${party.kind}:identifier-no:${party.number}`;
}
