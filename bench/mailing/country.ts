import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Recipient } from '../rows/pattern.ts';

/**
 * As many recipients as a mailing has, and no more memory than their numbers: everyone's id and number follow from a place in the
 * order. Three of four are citizens; the fourth is an organization that the citizen before it runs. All were here yesterday and have
 * an address.
 */
export interface Country {
  readonly size: number;
  /** Whoever stands at this place. */
  at(place: number): Recipient;
  /** The place that comes as the i-th in a mailing: far from its neighbours, each place once. */
  shuffled(i: number): number;
}

export function createCountry(size: number): Country {
  const people = numbers(size - Math.floor(size / 4), personNumbers());
  const organizations = numbers(Math.floor(size / 4), organizationNumbers());
  const stride = strideFor(size);
  return {
    size,
    at(place) {
      const isOrganization = place % 4 === 3;
      const before = Math.floor(place / 4);
      const number = isOrganization ? organizations[before]! : people[place - before]!;
      return {
        id: `018f0000-0000-7000-8000-${place.toString(16).padStart(12, '0')}`,
        number: String(number).padStart(isOrganization ? 9 : 11, '0'),
        kind: isOrganization ? 'organization' : 'person',
      };
    },
    shuffled: (i) => (i * stride) % size,
  };
}

function numbers(count: number, from: Iterator<number>): Float64Array {
  return Float64Array.from({ length: count }, () => from.next().value as number);
}

function strideFor(size: number): number {
  const isCoprime = (a: number, b: number): boolean => (b === 0 ? a === 1 : isCoprime(b, a % b));
  let stride = Math.floor(size * 0.618) | 1;
  while (!isCoprime(stride, size)) stride += 2;
  return stride;
}

const weights = {
  first: [3, 7, 6, 1, 8, 9, 4, 5, 2],
  second: [5, 4, 3, 2, 7, 6, 5, 4, 3, 2],
  organization: [3, 2, 7, 6, 5, 4, 3, 2],
} as const;

/** A control digit modulo 11, or 10, which is none. */
function control(digits: string, by: readonly number[]): number {
  const rest = by.reduce((sum, weight, i) => sum + weight * Number(digits[i]), 0) % 11;
  return rest === 0 ? 0 : 11 - rest;
}

/** Which individual numbers a year of birth goes with, in two digits of the year; those of `town.ts` are others. */
const series = [
  { years: [0, 40], individuals: [500, 1000] },
  { years: [40, 100], individuals: [900, 1000] },
  { years: [54, 100], individuals: [500, 750] },
] as const;

/** Month plus 80, as invented persons have it; the same in each run. */
function* personNumbers(): Generator<number> {
  for (const { years, individuals } of series) {
    for (let year = years[0]; year < years[1]; year++) {
      for (let day = 0; day < 28 * 12; day++) {
        const date = [1 + (day % 28), 81 + Math.floor(day / 28), year].map((part) => String(part).padStart(2, '0')).join('');
        for (let individual = individuals[0]; individual < individuals[1]; individual++) {
          const stem = `${date}${individual}`;
          const first = control(stem, weights.first);
          const second = first < 10 ? control(`${stem}${first}`, weights.second) : 10;
          if (second < 10) yield Number(`${stem}${first}${second}`);
        }
      }
    }
  }
  throw new Error('there are no more numbers of these series');
}

function* organizationNumbers(): Generator<number> {
  for (let stem = 80_000_000; stem < 100_000_000; stem++) {
    const digit = control(String(stem), weights.organization);
    if (digit < 10) yield stem * 10 + digit;
  }
}

/** Lets the country come to be in a database, straight in its tables. */
export async function settle(url: string, country: Country): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // whoever waits for a statement hears of it
  await client.connect();
  try {
    const copy = (statement: string, line: (who: Recipient, place: number) => string): Promise<void> =>
      pipeline(Readable.from(linesOf(country, line)), client.query(copyFrom(statement)));
    const seenOn = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    await copy('copy register.party (id, kind, number, name, unit_type, last_login_on) from stdin', ({ id, kind, number }, place) =>
      kind === 'person'
        ? `${id}\tperson\t${number}\tInnbygger ${place}\t\\N\t${seenOn}\n`
        : `${id}\torganization\t${number}\tBedrift ${place}\tAS\t\\N\n`,
    );
    await copy(
      'copy register.contact_point (party_id, ordinal, channel, address) from stdin',
      ({ id }, place) => `${id}\t0\temail\tmottaker${place}@bench.example\n`,
    );
    await copy(`copy access.role_assignment (at_id, holder_id, role, source, changed_at) from stdin`, ({ id, kind }, place) =>
      kind === 'organization' ? `${id}\t${country.at(place - 1).id}\tdaglig-leder\ttown\t2026-01-01\n` : '',
    );
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}

/** In blocks: one text for each recipient would take longer to hand over than to make. */
function* linesOf(country: Country, line: (who: Recipient, place: number) => string): Generator<string> {
  let block = '';
  for (let place = 0; place < country.size; place++) {
    block += line(country.at(place), place);
    if (block.length < 1 << 16) continue;
    yield block;
    block = '';
  }
  yield block;
}

/** The lines of a mailing to all of them, as a client sends them. Gives the bytes, and waits while whoever reads is behind. */
export async function sendLines(country: Country, to: NodeJS.WritableStream): Promise<number> {
  let bytes = 0;
  let block = '';
  for (let i = 0; i < country.size; i++) {
    block += `{"recipient":"${country.at(country.shuffled(i)).number}"}\n`;
    if (block.length < 1 << 16 && i < country.size - 1) continue;
    bytes += block.length;
    if (!to.write(block)) await once(to, 'drain');
    block = '';
  }
  to.end();
  return bytes;
}
