import { isDeepStrictEqual } from 'node:util';
import { may, saveResources, seedAccess, whoCanOpen } from '#access/index.ts';
import { createDatabase, type Database } from '#db/index.ts';
import type { Caller } from '#kernel/context.ts';
import { type Reader, sql } from '#kernel/database.ts';
import { newId, type PartyId, type ResourceId } from '#kernel/ids.ts';
import type { Closers } from './closers.ts';
import { median, percentile, spread } from './figures.ts';
import { openMachine } from './machine.ts';
import { atLeast, atMost, type BenchOptions, type Goal, type Report } from './options.ts';

/** Recipients of one batch that is sent; in a small country one of a hundred parties. */
const batchSize = (parties: number): number => Math.min(500, Math.floor(parties / 100));
const batches = 20;
const singles = (parties: number): number => Math.min(500, Math.floor(parties / 10));

type Kind = 'one citizen' | 'one organization' | 'citizens' | 'organizations' | 'mixed' | 'mixed, two at once' | 'may read';

interface OpenabilityRun {
  readonly parties: number;
  readonly kind: Kind;
  /** Cold: nothing is remembered of these parties. Bare: their rows by primary key. */
  readonly way: 'cold' | 'warm' | 'bare';
  readonly calls: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  readonly perSecond: number;
  readonly statementsPerCall: number;
}

/**
 * Who can open, and may, in countries of each size: of one party and of 500 at once, that nobody has asked about and that
 * somebody has, in alternation with reads of the parties' rows.
 */
export async function run(options: BenchOptions, closers: Closers): Promise<Report> {
  const machine = await openMachine(options, closers);
  const runs: OpenabilityRun[] = [];
  const faults: string[] = [];
  for (const [i, parties] of options.sizes.entries()) {
    const database = `country_${i}`;
    await machine.createMigrated(database);
    const open = (maxConnections: number) =>
      createDatabase({ url: machine.urlOf(database), maxConnections, applicationName: 'budstikke bench openability' });
    const [db, pair] = [open(1), open(2)];
    const close = closers.add(async () => void (await Promise.all([db.close(), pair.close()])));
    const began = performance.now();
    const country = await buildCountry(db, parties);
    console.log(`\nA country of ${parties} parties stands after ${((performance.now() - began) / 1000).toFixed(0)} s`);
    const mine = await measureCountry({ one: db, two: pair }, country, options);
    console.log(show(mine.runs));
    runs.push(...mine.runs);
    faults.push(...mine.faults);
    await close();
    await machine.drop(database);
  }
  return { bench: 'openability', goals: goalsOf(runs), faults, runs };
}

interface Country {
  readonly parties: number;
  /** The next ones, in an order that looks like none. */
  citizens(many: number): PartyId[];
  organizations(many: number): PartyId[];
  /** A resource that nobody has sent post on: nothing is remembered of anybody's rights to it. */
  newResource(): Promise<ResourceId>;
}

/** 80 of 100 parties are persons, 16 organizations that somebody leads, 4 subunits; some organizations have accountants, and a few give many persons access. */
async function buildCountry(db: Database, parties: number): Promise<Country> {
  const persons = Math.floor(parties * 0.8);
  const units = Math.floor(parties * 0.04);
  const mains = parties - persons - units;
  const [mainFrom, unitFrom] = [0x10000000, 0x20000000];
  const id = (n: string) => `('0198f0a0-0000-7000-8000-' || lpad(to_hex((${n})::bigint), 12, '0'))::uuid`;
  const person = (n: string) => id(`1 + (${n}) % ${persons}`);
  const main = (n: string) => id(`${mainFrom} + 1 + (${n}) % ${mains}`);
  const each = (many: number) => `from generate_series(1, ${many}) n`;
  const statements = [
    `insert into register.party (id, kind, number, name, last_login_on)
     select ${id('n')}, 'person', lpad((10000000000 + n)::text, 11, '0'), 'Person ' || n, case when n % 4 = 0 then clock.now()::date - n % 300 end ${each(persons)}`,
    `insert into register.party (id, kind, number, name, unit_type)
     select ${id(`${mainFrom} + n`)}, 'organization', (300000000 + n)::text, 'Organization ' || n, 'AS' ${each(mains)}`,
    `insert into register.party (id, kind, number, name, unit_type, parent_id)
     select ${id(`${unitFrom} + n`)}, 'organization', (600000000 + n)::text, 'Unit ' || n, 'BEDR', ${main('n::bigint * 7')} ${each(units)}`,
    `insert into register.contact_point (party_id, ordinal, channel, address)
     select ${id('n')}, 1, 'email', 'p' || n || '@example.no' ${each(persons)} where n % 5 > 0`,
    `insert into identity.activity (party_id, last_seen_at, auth_level)
     select ${id('n')}, clock.now() - make_interval(days => n % 300), 4 ${each(persons)} where n % 2 = 0`,
    `insert into identity.activity (party_id, client_id, read_scope, last_seen_at, auth_level)
     select ${id(`${mainFrom} + n`)}, 'system', true, clock.now() - make_interval(days => n % 60), 3 ${each(mains)} where n % 3 = 0`,
    `insert into access.role_assignment (holder_id, role, at_id, source, changed_at)
     select ${person('n::bigint * 7919 + k * 104729')}, (array['daglig-leder', 'styreleder', 'styremedlem', 'styremedlem'])[k], ${id(`${mainFrom} + n`)}, 'bench', clock.now()
       ${each(mains)} cross join generate_series(1, 4) k where k <= 1 + n % 4 on conflict do nothing`,
    `insert into access.role_assignment (holder_id, role, at_id, source, changed_at)
     select ${main('n % 50')}, 'regnskapsforer', ${id(`${mainFrom} + n`)}, 'bench', clock.now() ${each(mains)} where n > 50 and n % 5 = 0`,
    `insert into access.access_grant (id, from_id, to_id, package, actions, created_at)
     select gen_random_uuid(), ${id(`${mainFrom} + n`)}, ${person('n::bigint * 31 + k')}, 'ordinaer-post-til-virksomheten', '{}', clock.now()
       ${each(mains)} cross join generate_series(1, 40) k where n % 100 = 0 or (n % 10 = 1 and k <= 2) on conflict do nothing`,
    `vacuum analyze`,
  ];
  await seedAccess({ db });
  const client = await db.pool.connect();
  await client.query('set statement_timeout = 0');
  for (const statement of statements) await client.query(statement);
  await client.query('reset statement_timeout');
  client.release();
  const ids = (from: number, many: number) =>
    Array.from({ length: many }, (_, n) => `0198f0a0-0000-7000-8000-${(from + n + 1).toString(16).padStart(12, '0')}` as PartyId);
  const organizations = shuffle([...ids(mainFrom, mains), ...ids(unitFrom, units)]);
  let resources = 0;
  return {
    parties,
    citizens: dealer(shuffle(ids(0, persons))),
    organizations: dealer(organizations),
    async newResource() {
      const id = `bench-post-${resources++}` as ResourceId;
      const title = { nb: 'Post', nn: 'Post', en: 'Post' };
      await db.transaction(async (tx) => saveResources(tx, [{ id, type: 'CorrespondenceService', owner: organizations[0]!, title }]));
      return id;
    },
  };
}

/** Deals out from the beginning again when all have been dealt. */
function dealer(all: readonly PartyId[]): (many: number) => PartyId[] {
  let next = 0;
  return (many) => Array.from({ length: many }, () => all[next++ % all.length]!);
}

/** In an order that looks like none and is the same in every run. */
function shuffle<T>(all: T[]): T[] {
  const key = all.map((_, i) => (i * 2_654_435_761) % 2 ** 32);
  return all
    .map((one, i) => ({ one, key: key[i]! }))
    .sort((a, b) => a.key - b.key)
    .map(({ one }) => one);
}

/** How many calls there are of each kind, and whom each asks about. */
const kinds: Readonly<Record<Kind, (country: Country) => { calls: number; draw(): PartyId[]; two?: true }>> = {
  'one citizen': (country) => ({ calls: singles(country.parties), draw: () => country.citizens(1) }),
  'one organization': (country) => ({ calls: singles(country.parties), draw: () => country.organizations(1) }),
  citizens: (country) => ({ calls: batches, draw: () => country.citizens(batchSize(country.parties)) }),
  organizations: (country) => ({ calls: batches, draw: () => country.organizations(batchSize(country.parties)) }),
  mixed: (country) => ({ calls: batches, draw: () => drawMixed(country, batchSize(country.parties)) }),
  // while PostgreSQL works for one batch, the server does for the other: what it is to answer several who ask
  'mixed, two at once': (country) => ({ calls: batches, draw: () => drawMixed(country, batchSize(country.parties)), two: true }),
  'may read': (country) => ({ calls: singles(country.parties), draw: () => country.organizations(1) }),
};

function drawMixed(country: Country, many: number): PartyId[] {
  const citizens = Math.floor(many * 0.8);
  return [...country.citizens(citizens), ...country.organizations(many - citizens)];
}

/** One connection, and two for who is asked by two at once. */
interface Databases {
  readonly one: Database;
  readonly two: Database;
}

async function measureCountry(
  db: Databases,
  country: Country,
  options: BenchOptions,
): Promise<{ runs: OpenabilityRun[]; faults: string[] }> {
  const runs: OpenabilityRun[] = [];
  const faults: string[] = [];
  for (let repeat = -1; repeat < options.repeats; repeat++) {
    for (const kind of Object.keys(kinds) as Kind[]) {
      const measured = await measureKind(db, country, kind);
      if (repeat < 0) continue; // until then code was compiled and plans were made
      runs.push(...measured.runs);
      if (!measured.isSame) faults.push(`${kind}: what was remembered is not what was found out`);
    }
  }
  return { runs, faults };
}

async function measureKind(db: Databases, country: Country, kind: Kind): Promise<{ runs: OpenabilityRun[]; isSame: boolean }> {
  const { calls, draw, two } = kinds[kind](country);
  const { reader, statements } = counting(two ? db.two : db.one);
  const drawn = Array.from({ length: calls }, draw);
  const resource = await country.newResource();
  const ask = kind === 'may read' ? askMay : askWhoCanOpen;
  await ask(reader, [newId<PartyId>()], resource); // the policy is read
  const answers: unknown[] = [];
  const runs: OpenabilityRun[] = [];
  for (const [way, work] of Object.entries({ cold: ask, bare, warm: ask }) as [OpenabilityRun['way'], typeof ask][]) {
    const before = statements();
    const { millis, elapsed, given } = await askAll(drawn, two ? 2 : 1, (parties) => work(reader, parties, resource));
    if (way !== 'bare') answers.push(given);
    const asked = drawn.flat().length;
    runs.push(runOf(millis, { parties: country.parties, kind, way, asked, elapsed, statements: statements() - before }));
  }
  return { runs, isSame: isDeepStrictEqual(answers[0], answers[1]) };
}

/** All calls, so many at once; the answers in the order of the calls. */
async function askAll(drawn: readonly PartyId[][], atOnce: number, ask: (parties: readonly PartyId[]) => Promise<unknown>) {
  const millis: number[] = [];
  const given: unknown[] = [];
  let next = 0;
  const lane = async () => {
    for (let call = next++; call < drawn.length; call = next++) {
      const began = performance.now();
      given[call] = await ask(drawn[call]!);
      millis.push(performance.now() - began);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: atOnce }, lane));
  return { millis, elapsed: performance.now() - began, given };
}

async function askWhoCanOpen(reader: Reader, parties: readonly PartyId[], resource: ResourceId): Promise<unknown> {
  return whoCanOpen(
    reader,
    parties.map((party) => ({ party, needs: [{ resource, action: 'read', instance: newId(), what: 'message' }] })),
  );
}

/** One after the other, for the party itself. */
async function askMay(reader: Reader, parties: readonly PartyId[], resource: ResourceId): Promise<unknown> {
  const decisions = [];
  for (const party of parties) decisions.push(await may(reader, callerOf(party), { action: 'read', resource, party, instance: newId() }));
  return decisions;
}

function callerOf(subject: PartyId): Caller {
  const common = { subject, party: subject, consumer: null, clientId: null, authLevel: 4 };
  return { ...common, kind: 'organization', issuer: 'maskinporten', scopes: new Set(['altinn:correspondence.read']) };
}

async function bare(reader: Reader, parties: readonly PartyId[]): Promise<unknown> {
  if (parties.length === 1) return reader.maybe(sql`select * from register.party where id = ${parties[0]!}`);
  return reader.all(sql`select * from register.party where id = any(${parties}::uuid[])`);
}

/** Counts what is sent to the database. */
function counting(db: Database): { reader: Reader; statements(): number } {
  let n = 0;
  const counted = <T>(read: () => Promise<T>): Promise<T> => {
    n += 1;
    return read();
  };
  const reader: Reader = {
    contents: db.contents,
    all: (query) => counted(() => db.all(query)),
    maybe: (query) => counted(() => db.maybe(query)),
    one: (query) => counted(() => db.one(query)),
  };
  return { reader, statements: () => n };
}

function runOf(
  millis: readonly number[],
  {
    asked,
    elapsed,
    statements,
    ...run
  }: Pick<OpenabilityRun, 'parties' | 'kind' | 'way'> & { asked: number; elapsed: number; statements: number },
): OpenabilityRun {
  const sorted = millis.toSorted((a, b) => a - b);
  return {
    ...run,
    calls: millis.length,
    p50Millis: percentile(sorted, 0.5),
    p99Millis: percentile(sorted, 0.99),
    perSecond: (asked / elapsed) * 1000,
    statementsPerCall: statements / millis.length,
  };
}

/** Least, median and greatest of the repeats. */
function show(runs: readonly OpenabilityRun[]): string {
  const lines = Object.keys(kinds).flatMap((kind) =>
    (['cold', 'warm', 'bare'] as const).map((way) => {
      const mine = runs.filter((run) => run.kind === kind && run.way === way);
      const of = (what: (run: OpenabilityRun) => number, digits = 2) => spread(mine.map(what), digits);
      const bareRate = rate(runs, kind, 'bare');
      return [
        `${kind}, ${way}`.padEnd(26),
        of((run) => run.p50Millis).padStart(20),
        of((run) => run.p99Millis).padStart(22),
        of((run) => run.perSecond, 0).padStart(24),
        (bareRate === 0 ? 0 : rate(runs, kind, way) / bareRate).toFixed(2).padStart(9),
        of((run) => run.statementsPerCall, 1).padStart(14),
      ].join('');
    }),
  );
  const head = `${''.padEnd(26)}${'p50 ms'.padStart(20)}${'p99 ms'.padStart(22)}${'parties per s'.padStart(24)}${'of bare'.padStart(9)}${'statements'.padStart(14)}`;
  return [head, ...lines].join('\n');
}

function rate(runs: readonly OpenabilityRun[], kind: string, way: string): number {
  return median(runs.filter((run) => run.kind === kind && run.way === way).map((run) => run.perSecond));
}

function goalsOf(runs: readonly OpenabilityRun[]): Goal[] {
  return [...new Set(runs.map(({ parties }) => parties))].flatMap((parties) => {
    const mine = runs.filter((run) => run.parties === parties);
    const p99 = (kind: Kind, way: string) => median(mine.filter((run) => run.kind === kind && run.way === way).map((run) => run.p99Millis));
    const alone = ['one citizen', 'one organization', 'may read'] as const;
    return [
      ...alone.flatMap((kind) => [
        atMost(`ms, p99 of ${kind}, cold, ${parties} parties`, p99(kind, 'cold'), 20),
        atMost(`ms, p99 of ${kind}, warm, ${parties} parties`, p99(kind, 'warm'), 1),
      ]),
      atLeast(`openabilities a second, mixed, cold, ${parties} parties`, rate(mine, 'mixed', 'cold'), 20_000),
      atMost(
        `statements for ${batchSize(parties)}, warm, ${parties} parties`,
        median(mine.filter((run) => run.kind === 'mixed' && run.way === 'warm').map((run) => run.statementsPerCall)),
        1,
      ),
    ];
  });
}
