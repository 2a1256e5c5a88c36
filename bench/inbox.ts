import type pg from 'pg';
import { createClient, personalToken } from '../demo/client.ts';
import type { Closers } from './closers.ts';
import { median, spread } from './figures.ts';
import { followLetters } from './follow-letters.ts';
import { type Ground, layGround, layLetters, tokenOf, wireNameOf } from './ground.ts';
import { letterPieces, sendPath } from './letter.ts';
import type { GetWork, LoadResult } from './load-plan.ts';
import { load } from './load-process.ts';
import { withClient } from './machine.ts';
import { atMost, type BenchOptions, type Goal, type Report } from './options.ts';
import { type BenchServer, startServer } from './server-process.ts';
import { resourceId } from './town.ts';

/** Messages that lie in one person's inbox, whatever the size of the country. */
const messagesPerInbox = 25;
const readersAtMost = 1000;
const writers = 4;
/** Past so many the rules that look at every message take longer than the bench. */
const checkedUpTo = 100_000;

/** `plain`: a row by its primary key. `overview`: the sender's look at a message. `page` and `search`: the inbox of the web app, and words in it that every letter has. */
const kinds = ['plain', 'overview', 'list', 'page', 'search', 'open'] as const;
type Kind = (typeof kinds)[number];

interface ReadRun {
  readonly size: number;
  readonly kind: Kind;
  readonly perSecond: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  readonly writtenPerSecond: number;
  readonly faults: readonly string[];
}

/** Lists and openings while others send, at each size, against reads by primary key that are measured in alternation. */
export async function run(options: BenchOptions, closers: Closers): Promise<Report> {
  const ground = await layGround({ ...options, sideWork: ['on'], standing: 0 }, 2, closers);
  const runs: ReadRun[] = [];
  const faults: string[] = [];
  for (const size of options.sizes) {
    const mine = await runAt(size, ground, options, closers);
    console.log(showRuns(size, mine.runs, options));
    runs.push(...mine.runs);
    faults.push(...mine.faults);
  }
  return { bench: 'inbox', goals: goalsOf(runs, options.sizes), faults: [...faults, ...runs.flatMap((each) => each.faults)], runs };
}

async function runAt(
  size: number,
  ground: Ground,
  options: BenchOptions,
  closers: Closers,
): Promise<{ runs: ReadRun[]; faults: string[] }> {
  const { machine } = ground;
  await machine.copy(ground.town, 'inbox');
  const url = machine.urlOf('inbox');
  const began = performance.now();
  await fillInboxes(url, size, ground);
  console.log(`\n${size} messages with all their rows stand in the tables after ${((performance.now() - began) / 1000).toFixed(0)} s`);
  const followed = performance.now();
  await followLetters(url);
  const seconds = (performance.now() - followed) / 1000;
  console.log(`inboxes followed in ${seconds.toFixed(0)} s, ${Math.round(size / seconds)} messages a second`);
  const server = await startServer({ databaseUrl: url, folder: machine.folder, shape: 'joined', sideWork: 'off' }, closers);
  const runs: ReadRun[] = [];
  const faults: string[] = [];
  try {
    if (size <= checkedUpTo) faults.push(...(await brokenRules(server)));
    const letters = await withClient(url, (client) => listUnopened(client, ground));
    const work = await readsOf(letters, server);
    for (let repeat = 0; repeat < options.repeats; repeat++) {
      for (const kind of kinds)
        runs.push(await measure(kind, work(kind, repeat, options.repeats), { size, server, ground, options, closers }));
    }
  } finally {
    await server.stop();
    await machine.drop('inbox');
  }
  return { runs, faults };
}

/** What was written past the product must be what the product would have written: its own rules are asked. */
async function brokenRules(server: BenchServer): Promise<string[]> {
  const answer = await createClient(server.url, await tokenOf(server)).get('/budstikke/v1/watch/invariants');
  const { invariants } = answer.json<{ invariants: { name: string; holds: boolean }[] }>();
  return invariants.filter(({ holds }) => !holds).map(({ name }) => `the inboxes that were filled break a rule: ${name}`);
}

/** With more people in the country, so that nobody's inbox grows with it. */
async function fillInboxes(url: string, size: number, ground: Ground): Promise<void> {
  const people = ground.recipients.filter(({ kind }) => kind === 'person').map(({ id }) => id);
  const others = await withClient(url, (client) => addPeople(client, people.length, Math.floor(size / messagesPerInbox)));
  await layLetters(url, [...people, ...others], size, ground);
  await withClient(url, (client) => client.query('checkpoint'));
}

async function addPeople(client: pg.Client, from: number, to: number): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `insert into register.party (id, kind, number, name)
     select (lpad(to_hex(1000000000000 + i), 12, '0') || '70008' || substr(md5(i::text), 1, 15))::uuid, 'person', (90000000000 + i)::text, 'Innbygger ' || i
       from generate_series($1::bigint, $2::bigint) i
     returning id`,
    [from + 1, to],
  );
  return rows.map(({ id }) => id);
}

interface Letter {
  readonly id: string;
  readonly number: string;
}

/** Letters to the readers, in an order that has nothing to do with where they lie. */
async function listUnopened(client: pg.Client, { recipients }: Ground): Promise<Letter[]> {
  const readers = recipients.filter(({ kind }) => kind === 'person').slice(0, readersAtMost);
  const { rows } = await client.query<Letter>(
    `select m.id, p.number from correspondence.message m join register.party p on p.id = m.recipient_id
      where m.recipient_id = any($1) and m.opened_at is null order by md5(m.id::text)`,
    [readers.map(({ id }) => id)],
  );
  return rows;
}

type WorkOf = (kind: Kind, repeat: number, repeats: number) => GetWork;

/** Each letter is opened once in all repeats: opening it again is less work. */
async function readsOf(letters: readonly Letter[], server: BenchServer): Promise<WorkOf> {
  const client = createClient(server.url);
  const sendersToken = await tokenOf(server);
  const numbers = [...new Set(letters.map(({ number }) => number))];
  const tokens = new Map<string, string>();
  for (const number of numbers)
    tokens.set(number, await personalToken(client, number, ['altinn:correspondence.read', 'altinn:portal/enduser']));
  return (kind, repeat, repeats) => {
    if (kind === 'list') {
      const path = `${sendPath}?${new URLSearchParams({ resourceId, role: 'Recipient' })}`;
      return { kind: 'get', order: 'random', requests: numbers.map((number) => ({ path, token: tokens.get(number)! })) };
    }
    if (kind === 'page' || kind === 'search') {
      const path = `/budstikke/v1/inbox${kind === 'search' ? '?q=vedtak%20s%C3%B8knad' : ''}`;
      return { kind: 'get', order: 'random', requests: numbers.map((number) => ({ path, token: tokens.get(number)! })) };
    }
    if (kind === 'plain')
      return { kind: 'get', order: 'random', requests: letters.slice(0, 5000).map(({ id }) => ({ path: `/${id}`, token: '' })) };
    if (kind === 'overview') {
      return {
        kind: 'get',
        order: 'random',
        requests: letters.slice(0, 5000).map(({ id }) => ({ path: `${sendPath}/${id}`, token: sendersToken })),
      };
    }
    const mine = letters.filter((_, i) => i % repeats === repeat);
    return {
      kind: 'get',
      order: 'once',
      requests: mine.map(({ id, number }) => ({ path: `${sendPath}/${id}/content`, token: tokens.get(number)! })),
    };
  };
}

interface Place {
  readonly size: number;
  readonly server: BenchServer;
  readonly ground: Ground;
  readonly options: BenchOptions;
  readonly closers: Closers;
}

async function measure(kind: Kind, work: GetWork, { size, server, ground, options, closers }: Place): Promise<ReadRun> {
  const { seconds, warmUpSeconds } = options;
  const token = await tokenOf(server);
  const recipients = ground.recipients.map(wireNameOf);
  const writing = { kind: 'send' as const, path: sendPath, token, pieces: letterPieces(1), recipients, perRequest: 1 };
  const [read, written] = await Promise.all([
    load(
      { port: kind === 'plain' ? server.plainPort : server.port, connections: options.connections[0]!, seconds, warmUpSeconds, work },
      closers,
    ),
    load({ port: server.port, connections: writers, seconds, warmUpSeconds, work: writing }, closers),
  ]);
  const { p50Millis, p99Millis } = read;
  return {
    size,
    kind,
    perSecond: read.answered / read.seconds,
    p50Millis,
    p99Millis,
    writtenPerSecond: written.answered / written.seconds,
    faults: [...faultsOf(kind, read), ...faultsOf('write', written), ...(read.answeredInAll === 0 ? [`nothing was read by ${kind}`] : [])],
  };
}

function faultsOf(what: string, { others, firstOther }: LoadResult): string[] {
  return Object.entries(others).map(([status, count]) => `${what}: ${count} answers were ${status}: ${firstOther}`);
}

function showRuns(size: number, runs: readonly ReadRun[], { repeats, seconds, connections }: BenchOptions): string {
  const lines = kinds.map((kind) => {
    const mine = runs.filter((each) => each.kind === kind);
    const cells = [
      spread(mine.map((r) => r.perSecond)),
      spread(
        mine.map((r) => r.p50Millis),
        1,
      ),
      spread(
        mine.map((r) => r.p99Millis),
        1,
      ),
      spread(mine.map((r) => r.writtenPerSecond)),
    ].map((cell) => cell.padStart(20));
    return `  ${kind.padEnd(12)}${cells.join('')}`;
  });
  const head = ['per s', 'p50 ms', 'p99 ms', 'written per s'].map((word) => word.padStart(20)).join('');
  const title = `inbox, ${size} messages, ${connections[0]} readers at once and ${writers} writers`;
  return [`${title} (${repeats} repeats of ${seconds} s, alternating; min/median/max)`, `  ${''.padEnd(12)}${head}`, ...lines].join('\n');
}

function goalsOf(runs: readonly ReadRun[], sizes: readonly number[]): Goal[] {
  const p99 = (size: number, kind: Kind): number => median(runs.filter((r) => r.size === size && r.kind === kind).map((r) => r.p99Millis));
  const [small, large] = [sizes[0]!, sizes.at(-1)!];
  const growth = (['list', 'page', 'search', 'open'] as const).map((kind) =>
    atMost(`p99 of ${kind} at ${large} as a multiple of that at ${small}`, p99(large, kind) / p99(small, kind), 2),
  );
  const opening = sizes.flatMap((size) => [
    atMost(`p99 of open as a multiple of a plain read by primary key, at ${size}`, p99(size, 'open') / p99(size, 'plain'), 10),
    atMost(`p99 of open as a multiple of the sender's overview, at ${size}`, p99(size, 'open') / p99(size, 'overview'), 10),
  ]);
  return [...(sizes.length > 1 ? growth : []), ...opening];
}
