import { derived, isMan } from './numbers.ts';

const women = [
  'Ingrid',
  'Solveig',
  'Astrid',
  'Marit',
  'Ragnhild',
  'Sunniva',
  'Tuva',
  'Åshild',
  'Eldbjørg',
  'Kristin',
  'Nora',
  'Liv',
  'Hedda',
  'Borghild',
  'Synnøve',
  'Amalie',
];
const men = [
  'Håkon',
  'Sigurd',
  'Olav',
  'Eirik',
  'Torstein',
  'Magnus',
  'Øystein',
  'Ivar',
  'Sondre',
  'Halvard',
  'Jonas',
  'Leif',
  'Amund',
  'Trygve',
  'Vegard',
  'Kåre',
];
const families = [
  'Nordvik',
  'Fjellheim',
  'Solbakken',
  'Myrvang',
  'Strandli',
  'Åsgård',
  'Tveitane',
  'Brekkhus',
  'Lundemo',
  'Granmo',
  'Havnevik',
  'Øverland',
  'Sletthaug',
  'Kvamsdal',
  'Rognlien',
  'Bjørkås',
];
const places = ['Fjordvik', 'Storlia', 'Granheim', 'Havøy', 'Skogly', 'Elvebakken', 'Lillehavn', 'Bergmo', 'Sandnesset', 'Myrdal'];
const trades = [
  'Bakeri',
  'Bygg',
  'Regnskap',
  'Fisk',
  'Elektro',
  'Trevare',
  'Transport',
  'Hagesenter',
  'Rør',
  'Data',
  'Verksted',
  'Bokhandel',
];

/** A plausible name for an invented person, the same for the same number. */
export function personNameFrom(personNumber: string): string {
  const firstNames = isMan(personNumber) ? men : women;
  return `${pick(firstNames, personNumber, 'first name')} ${pick(families, personNumber, 'family name')}`;
}

/** A plausible name for an invented company, the same for the same number. */
export function companyNameFrom(organizationNumber: string): string {
  return `${pick(places, organizationNumber, 'place')} ${pick(trades, organizationNumber, 'trade')} AS`;
}

/**
 * An address that no mail reaches (RFC 2606) and that tells nothing of the number.
 * Two persons of one name get different ones.
 */
export function personAddressFrom(personNumber: string): string {
  const name = personNameFrom(personNumber).toLowerCase().replaceAll(' ', '.').replaceAll('å', 'a').replaceAll('ø', 'o');
  return `${name}.${derived(personNumber, 'address', 36 ** 4)
    .toString(36)
    .padStart(4, '0')}@example.com`;
}

/** The post address of a company's daglig leder, to be found again in the outbox by the company's number. */
export function managerAddressFrom(organizationNumber: string): string {
  return `daglig.leder.${organizationNumber}@example.com`;
}

function pick(from: readonly string[], seed: string, purpose: string): string {
  return from[derived(seed, purpose, from.length)]!;
}
