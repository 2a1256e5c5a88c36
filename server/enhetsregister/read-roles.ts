import { isNationalIdentityNumber, isOrganizationNumber } from '#register/index.ts';
import { dateOf, objectOf, textOf } from './read-unit.ts';

/** A role that somebody has at an organization, as the files have it. */
export interface Role {
  readonly at: string;
  /** `DAGL` */
  readonly role: string;
  readonly holder:
    | { readonly kind: 'organization'; readonly number: string }
    | {
        readonly kind: 'person';
        /** Eleven digits, in files that are not for everybody. Personal. */
        readonly number: string | null;
        readonly name: string | null;
        /** `DDMMYY`. Personal. */
        readonly born: string | null;
      };
}

/**
 * Pure. All roles of one item of `roller` that somebody has now: not of the dead, not of organizations that are deleted, not what
 * has been left or struck out. Undefined for an item without a valid number.
 * Source: compatibility.md, Enhetsregisteret, §2.
 */
export function readRoles(item: unknown): Role[] | undefined {
  const said = objectOf(item);
  const at = textOf(said.organisasjonsnummer);
  if (!at || !isOrganizationNumber(at)) return undefined;
  return listOf(said.rollegrupper).flatMap((group) =>
    listOf(group.roller).flatMap((one): Role[] => {
      const role = textOf(objectOf(one.type).kode) ?? textOf(objectOf(group.type).kode);
      const holder = one.fratraadt === true || one.avregistrert === true ? undefined : holderOf(one);
      return role && holder ? [{ at, role, holder }] : [];
    }),
  );
}

function holderOf(role: Readonly<Record<string, unknown>>): Role['holder'] | undefined {
  const organization = objectOf(role.enhet);
  const number = textOf(organization.organisasjonsnummer);
  if (number) return organization.erSlettet === true || !isOrganizationNumber(number) ? undefined : { kind: 'organization', number };
  if (role.person === undefined) return undefined;
  const person = objectOf(role.person);
  if (person.erDoed === true) return undefined;
  const identity = textOf(person.fodselsnummer);
  const { fornavn, mellomnavn, etternavn } = objectOf(person.navn);
  const name = [fornavn, mellomnavn, etternavn].map(textOf).filter((part) => part !== null);
  const born = dateOf(person.fodselsdato);
  return {
    kind: 'person',
    number: identity && isNationalIdentityNumber(identity) ? identity : null,
    name: name.length > 0 ? name.join(' ') : null,
    born: born && `${born.slice(8, 10)}${born.slice(5, 7)}${born.slice(2, 4)}`,
  };
}

function listOf(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}
