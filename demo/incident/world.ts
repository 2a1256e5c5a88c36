import type { Organization, Person } from '../cast.ts';
import { chance, organizationNumber, personNumber } from './chance.ts';
import { allot, city as cityFacts, concern, districts, divide } from './facts.ts';

/** An organization that gets post which nobody there can open, but for those where `hasOpener`. */
export interface Receiver extends Organization {
  /** May give access, and cannot read what is confidential. */
  readonly director: Person | null;
  /** Would read the post, and holds no right to. Missing where there is nobody at all. */
  readonly contact: Person | null;
  readonly hasOpener: boolean;
}

export interface District extends Organization {
  /** How many messages of concern it sends. */
  readonly messages: number;
  readonly municipalities: readonly Receiver[];
}

export interface World {
  readonly districts: readonly District[];
  readonly city: Organization & { readonly shipments: number; readonly dates: number; readonly receivers: readonly Receiver[] };
}

/** The services of a sender: a right to the message and, with the police, another to its file, called as they were. Each district has its own. */
export function servicesOf({ number }: Organization): { readonly message: string; readonly file: string } {
  return { message: `straffesak-forsendelse-${number}`, file: `straffesak-filvedlegg-${number}` };
}

const stems = ['Alme', 'Bjerke', 'Dalse', 'Elve', 'Furu', 'Gråne', 'Hassel', 'Istind', 'Kverne', 'Lønne', 'Myre', 'Nøste', 'Orre', 'Pilt'];
const endings = ['sund', 'moen', 'vang', 'heia', 'botn', 'fossen'];
const kinds = ['legesenter', 'advokatkontor', 'barnehage', 'tannklinikk', 'bemanning', 'omsorgshjem'];
const firstNames = ['Kari', 'Ola', 'Ingrid', 'Lars', 'Anne', 'Per', 'Liv', 'Nils', 'Berit', 'Jon', 'Sara', 'Erik'];
const lastNames = ['Berg', 'Lid', 'Haug', 'Moen', 'Dahl', 'Vik', 'Lund', 'Sand', 'Bakke', 'Solheim', 'Nes', 'Aas'];

/** Pure. The invented world: a tenth of everybody and everything when it is small. */
export function makeWorld({ isSmall }: { readonly isSmall: boolean }): World {
  const scale = (n: number): number => (isSmall ? Math.ceil(n / 10) : n);
  const messages = isSmall ? divide(18, allot(concern.messages)) : allot(concern.messages);
  const places = divide(isSmall ? 10 : 60, messages).map((n) => Math.max(1, n));
  let placed = 0;
  return {
    districts: districts.map(({ name }, i) => ({
      name,
      number: organizationNumber(name),
      messages: messages[i]!,
      municipalities: Array.from({ length: places[i]! }, (_, k) => municipality(placed++, isSmall ? i === 1 && k === 0 : k === 3)),
    })),
    city: {
      name: 'Havneby kommune',
      number: organizationNumber('city'),
      shipments: isSmall ? 40 : cityFacts.shipments,
      dates: isSmall ? 4 : cityFacts.dates,
      receivers: Array.from({ length: scale(cityFacts.organizations) }, (_, n) => organization(n)),
    },
  };
}

/** Names of two halves that no municipality of Norway has; each once. */
function place(n: number): string {
  return `${stems[n % stems.length]}${endings[Math.floor(n / stems.length) % endings.length]}`;
}

function municipality(n: number, isEmpty: boolean): Receiver {
  return receiver(`${place(n)} kommune`, isEmpty ? 'nobody' : 'director');
}

function organization(n: number): Receiver {
  const sort = chance('organization', n);
  return receiver(
    `${place(n)} ${kinds[(n + Math.floor(n / 84)) % kinds.length]}`,
    sort < 0.1 ? 'nobody' : sort < 0.25 ? 'opener' : 'director',
  );
}

function receiver(name: string, sort: 'nobody' | 'director' | 'opener'): Receiver {
  const number = organizationNumber(name);
  if (sort === 'nobody') return { name, number, director: null, contact: null, hasOpener: false };
  return { name, number, director: person(name, number, 'leder'), contact: person(name, number, 'kontakt'), hasOpener: sort === 'opener' };
}

function person(of: string, number: string, what: string): Person {
  const pick = (from: readonly string[]) => from[Math.floor(chance(of, what, from[0]!) * from.length)]!;
  return {
    name: `${pick(firstNames)} ${pick(lastNames)}`,
    number: personNumber(`${what} of ${of}`),
    email: `${what}.${number}@hendelsen.example`,
  };
}

/** Pure. The world as the sandbox takes it in. Nobody is given anything, but for the contacts of organizations that have an opener. */
export function townOf(world: World, lastLogin: string): object {
  const receivers = receiversOf(world);
  const people = receivers.flatMap(({ director, contact }) => [director, contact].filter((one) => one !== null));
  const organizations = [...world.districts, world.city];
  return {
    version: 1,
    parties: [
      ...organizations.map(({ name, number }, i) => ({
        ...{ kind: 'organization', number, name, orgCode: `hendelsen${i}`, unitType: 'ORGL' },
        contactPoints: [{ channel: 'email', address: senderAddress(number) }],
      })),
      ...receivers.map(({ name, number }) => ({ kind: 'organization', number, name, unitType: name.endsWith('kommune') ? 'KOMM' : 'AS' })),
      ...people.map(({ name, number, email }) => ({
        ...{ kind: 'person', number, name, lastLogin, contactPoints: [{ channel: 'email', address: email }] },
      })),
    ],
    roles: receivers.flatMap(({ director, number }) => (director ? [{ holder: director.number, role: 'DAGL', at: number }] : [])),
    resources: [
      ...world.districts.flatMap((district) => [
        resource(servicesOf(district).message, district, 'Straffesak Forsendelse'),
        resource(servicesOf(district).file, district, 'Straffesak Filvedlegg'),
      ]),
      resource(servicesOf(world.city).message, world.city, 'Taushetsbelagt post'),
    ],
    grants: receivers.flatMap(({ hasOpener, contact, number }) =>
      hasOpener && contact ? [{ to: contact.number, at: number, resource: servicesOf(world.city).message, actions: ['read'] }] : [],
    ),
  };
}

/** Pure. These people, who have said again on that day that their addresses are theirs. */
export function confirmedOn(verified: string, people: readonly Person[]): object {
  return {
    version: 1,
    parties: people.map(({ name, number, email }) => ({
      ...{ kind: 'person', number, name, contactPoints: [{ channel: 'email', address: email, verified }] },
    })),
  };
}

export const senderAddress = (number: string): string => `postmottak.${number}@hendelsen.example`;

export function receiversOf({ districts: of, city }: World): Receiver[] {
  return [...of.flatMap(({ municipalities }) => municipalities), ...city.receivers];
}

/** Readers are those who are given the resource itself, and nobody by role. What nobody can open and nobody can be given is accepted, and watched. */
function resource(id: string, owner: Organization, title: string): object {
  return {
    ...{
      id,
      type: 'CorrespondenceService',
      owner: owner.number,
      title: { nb: title, nn: title, en: title },
      readers: ['package:eksplisitt'],
    },
    ...{ unreachable: 'accept', ladder: 'confidential' },
  };
}
