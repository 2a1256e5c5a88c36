import { createHash } from 'node:crypto';
import { organizationNumberFrom, personNumberFrom } from '#sandbox/numbers.ts';
import { instantOf, isAtWork, nextDate } from './calendar.ts';

export const concern = 'aaret-bekymring';
export const letters = 'aaret-brev';
export const summons = 'aaret-innkalling';

/** A number from 0 up to 1 that is the same for the same seed and the same question. */
export type Chance = (...about: (string | number)[]) => number;

export const chanceFrom =
  (seed: number): Chance =>
  (...about) =>
    createHash('sha256')
      .update(`${seed} ${about.join(' ')}`)
      .digest()
      .readUIntBE(0, 6) /
    2 ** 48;

export interface Organization {
  readonly number: string;
  readonly name: string;
  readonly email: string | null;
  /** Its daily manager, who may hand on; null where nobody holds any role. */
  readonly manager: Person | null;
  readonly staff: readonly Person[];
}

export interface Person {
  readonly number: string;
  readonly name: string;
  readonly lastName: string;
  readonly email: string | null;
  readonly mobile: string | null;
  readonly reserved: boolean;
}

export interface Country {
  readonly police: Organization;
  readonly tax: Organization;
  readonly organizations: readonly Organization[];
  readonly citizens: readonly Person[];
}

/** Letter n: what it is, to whom, and when it is sent. */
export interface Letter {
  readonly n: number;
  readonly at: number;
  readonly resource: string;
  readonly sender: 'police' | 'tax';
  readonly to: string;
  readonly toPerson: boolean;
  readonly confirm: boolean;
}

/** Somebody leaves a municipality, or comes in their place. */
export interface Move {
  readonly at: number;
  readonly kind: 'leaves' | 'comes';
  readonly organization: string;
}

export interface Year {
  readonly country: Country;
  readonly letters: readonly Letter[];
  readonly moves: readonly Move[];
  readonly begins: number;
  readonly ends: number;
  /** When no mail server can be reached, from and until. */
  readonly silences: readonly (readonly [number, number])[];
}

/** When the letters of a day are sent, and what was due a number of days after others falls due. */
export const sendingHour = 8;
/** When people sit down to their post, leave, and come. */
export const readingHour = 13;

/** Everything that happens because of nothing: the same for the same seed. */
export function makeYear(seed: number, count: number, [from, until]: readonly [string, string]): Year {
  const chance = chanceFrom(seed);
  const country = makeCountry(chance, Math.max(20, Math.ceil(count / 60)), Math.max(30, Math.ceil(count / 15)));
  const dates = workingDates(from, until);
  const planned = Array.from({ length: count }, (_, n) => makeLetter(chance, country, dates, n));
  return {
    country,
    letters: planned.sort((a, b) => a.at - b.at || a.n - b.n),
    moves: country.organizations.flatMap((each) => movesOf(chance, each, dates)).sort((a, b) => a.at - b.at),
    begins: instantOf(from, 7),
    ends: instantOf(until, 20),
    silences: [
      [instantOf('2027-03-10', 6), instantOf('2027-03-12', 13)],
      [instantOf('2027-09-01', 6), instantOf('2027-09-01', 12)],
    ],
  };
}

function workingDates(from: string, until: string): string[] {
  const dates: string[] = [];
  for (let date = from; date < until; date = nextDate(date)) if (isAtWork(date)) dates.push(date);
  return dates;
}

function makeCountry(chance: Chance, organizations: number, citizens: number): Country {
  const authority = (name: string, slug: string): Organization => ({
    number: organizationNumberFrom(`aaret ${slug}`),
    name,
    email: `post@${slug}.example`,
    manager: null,
    staff: [],
  });
  return {
    police: authority('Politidistriktet', 'politiet'),
    tax: authority('Skattekontoret', 'skatten'),
    organizations: Array.from({ length: organizations }, (_, i) => makeOrganization(chance, i)),
    citizens: Array.from({ length: citizens }, (_, i) => ({
      ...makePerson(chance, `borger ${i}`),
      reserved: chance('reserved', i) < 0.05,
    })),
  };
}

/** One in fifteen has nobody at all. */
function makeOrganization(chance: Chance, i: number): Organization {
  const isEmpty = chance('empty', i) < 1 / 15;
  return {
    number: organizationNumberFrom(`aaret organisasjon ${i}`),
    name: `Kommune ${i}`,
    email: chance('address', i) < 0.6 ? `post@kommune-${i}.example` : null,
    manager: isEmpty ? null : makePerson(chance, `leder ${i}`),
    staff: isEmpty ? [] : Array.from({ length: 1 + Math.floor(chance('staff', i) * 3) }, (_, k) => makePerson(chance, `ansatt ${i} ${k}`)),
  };
}

/** One in eight has no address, one in twelve an address that no mail server knows. */
function makePerson(chance: Chance, who: string): Person {
  const slug = who.replaceAll(' ', '-');
  const drawn = chance('address of', who);
  const email = drawn < 1 / 8 ? null : `${slug}@${drawn < 1 / 8 + 1 / 12 ? 'dead' : 'aaret'}.example`;
  const mobile = chance('mobile of', who) < 0.4 ? `+4799${String(Math.floor(chance('number of', who) * 1e6)).padStart(6, '0')}` : null;
  return {
    number: personNumberFrom(`aaret ${who}`),
    name: `${slug.toUpperCase()} NORDMANN`,
    lastName: 'NORDMANN',
    email,
    mobile,
    reserved: false,
  };
}

function makeLetter(chance: Chance, { organizations, citizens }: Country, dates: readonly string[], n: number): Letter {
  const at = instantOf(dates[Math.floor(chance('date', n) * dates.length)]!, sendingHour);
  const kind = chance('kind', n);
  const of = <T>(list: readonly T[]): T => list[Math.floor(chance('to', n) * list.length)]!;
  const confirm = chance('confirm', n) < 0.2;
  if (kind < 0.25) return { n, at, resource: concern, sender: 'police', to: of(organizations).number, toPerson: false, confirm };
  if (kind < 0.55) return { n, at, resource: summons, sender: 'tax', to: of(organizations).number, toPerson: false, confirm };
  return { n, at, resource: letters, sender: 'tax', to: of(citizens).number, toPerson: true, confirm };
}

function movesOf(chance: Chance, { number, manager }: Organization, dates: readonly string[]): Move[] {
  if (!manager || chance('moves', number) > 0.3) return [];
  const day = Math.floor(chance('leaves on', number) * (dates.length - 40));
  const leaves = { at: instantOf(dates[day]!, readingHour), kind: 'leaves', organization: number } as const;
  const days = 5 + Math.floor(chance('comes on', number) * 35);
  return [leaves, { at: instantOf(dates[day + days]!, readingHour), kind: 'comes', organization: number }];
}
