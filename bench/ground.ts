import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { createClient, enterpriseToken } from '../demo/client.ts';
import type { Closers } from './closers.ts';
import { letterPieces, sendPath } from './letter.ts';
import { type Machine, openMachine, withClient } from './machine.ts';
import type { BenchOptions } from './options.ts';
import { nextTransaction } from './rows/capture.ts';
import { fill } from './rows/fill.ts';
import { captureFollowing, type FollowingRows } from './rows/following-rows.ts';
import { captureLetters, type LetterRows, listRecipients } from './rows/letter-rows.ts';
import type { Recipient } from './rows/pattern.ts';
import { type BenchServer, lastLines, startServer } from './server-process.ts';
import { recipientsOf, sender, townOf } from './town.ts';

/** What benches of sending stand on: a town, and what the product writes for a letter in it. */
export interface Ground {
  readonly machine: Machine;
  /** A database with the town in it, to be copied for each run. */
  readonly town: string;
  readonly recipients: readonly Recipient[];
  readonly letter: LetterRows;
  readonly following: FollowingRows | undefined;
}

/**
 * Builds the town with the product's own means and looks at what it writes for a letter; with side work, also at what follows
 * one. The letters that were looked at stay in the town.
 */
export async function layGround(options: BenchOptions, perRequest: number, closers: Closers): Promise<Ground> {
  const machine = await openMachine(options, closers);
  const inTown = recipientsOf(options.recipients);
  const town = 'town';
  await machine.createMigrated(town);
  return withClient(machine.urlOf(town), async (client) => {
    const builder = await start(machine, town, 'off', closers);
    const answer = await createClient(builder.url).post('/budstikke/v1/sandbox/seed', townOf(inTown));
    if (answer.status !== 200) throw new Error(`The town was not loaded: ${answer.status} ${answer.text.slice(0, 1000)}`);
    await client.query('vacuum analyze');
    const numbers = inTown.map(({ number }) => number);
    const recipients = await listRecipients(client, numbers);
    const samples = ['person', 'organization'].map((kind) => recipients.find((recipient) => recipient.kind === kind)!);
    const groups = perRequest > 1 ? [samples] : samples.map((sample) => [sample]);
    const send = await senderOf(builder, machine);
    // What is noted of a caller once an hour is no part of a letter.
    for (const group of groups) await send(group);
    const letter = await captureLetters(client, groups, send);
    await builder.stop();
    console.log(describe(letter, recipients.length));
    const needsFollowing = options.sideWork.includes('on') || options.standing > 0;
    const following = needsFollowing ? await followSamples(client, machine, letter, closers) : undefined;
    const ground = { machine, town, recipients, letter, following };
    const people = recipients.filter(({ kind }) => kind === 'person').map(({ id }) => id);
    if (options.standing > 0) await layLetters(machine.urlOf(town), people, options.standing, ground);
    return ground;
  });
}

/** Letters of the last six days, of which nothing is due: of older ones a reminder would be. */
export function layLetters(url: string, recipients: readonly string[], messages: number, { letter, following }: Ground): Promise<void> {
  const perMessage = following!.settled.get('person')!;
  return fill(url, recipients, {
    shared: letter.shared,
    perMessage,
    tables: [...new Set([...letter.order, ...perMessage].map(({ table }) => table.name))],
    messages,
    sharedBy: 500,
    from: Date.now() - 6 * 86_400_000,
    to: Date.now() - 60_000,
  });
}

function describe({ perMessage, shared, tables }: LetterRows, recipients: number): string {
  const rows = perMessage.get('person')!.length;
  return `A town of ${recipients} recipients stands. A message is ${rows} rows${shared.length > 0 ? `, a letter ${shared.length} more` : ''}, of ${tables.size} tables that there are.`;
}

function start(machine: Machine, database: string, sideWork: 'on' | 'off', closers: Closers): Promise<BenchServer> {
  return startServer({ databaseUrl: machine.urlOf(database), folder: machine.folder, shape: 'joined', sideWork }, closers);
}

/** A token of the service owner, from the sandbox's generator. */
export function tokenOf(server: BenchServer): Promise<string> {
  return enterpriseToken(createClient(server.url), sender, ['altinn:serviceowner', 'altinn:correspondence.write']);
}

export const wireNameOf = ({ kind, number }: Recipient): string => `urn:altinn:${kind}:identifier-no:${number}`;

/** Sends one letter and gives the messages' ids, in the order of its recipients. */
async function senderOf(server: BenchServer, { folder }: Machine): Promise<(recipients: readonly Recipient[]) => Promise<string[]>> {
  const client = createClient(server.url, await tokenOf(server));
  return async (recipients) => {
    const [beforeUnique, beforeRecipients, end] = letterPieces(recipients.length);
    const names = recipients.map((recipient) => JSON.stringify(wireNameOf(recipient)));
    const body = `${beforeUnique}${randomUUID()}${beforeRecipients}${names.join(',')}${end}`;
    const answer = await client.post(sendPath, JSON.parse(body) as object);
    if (answer.status !== 200)
      throw new Error(`A letter was not accepted: ${answer.status} ${answer.text.slice(0, 1000)}\n${lastLines(folder)}`);
    const { correspondences } = answer.json<{ correspondences: { correspondenceId: string; recipient: string }[] }>();
    return recipients.map((recipient) => correspondences.find(({ recipient: urn }) => urn === wireNameOf(recipient))!.correspondenceId);
  };
}

/** Lets a worker do all that is due after the samples, and looks at what it left. */
async function followSamples(client: pg.Client, machine: Machine, letter: LetterRows, closers: Closers): Promise<FollowingRows> {
  const before = await nextTransaction(client);
  const server = await start(machine, 'town', 'on', closers);
  while (await isWaiting(client)) await sleep(100);
  await sleep(1500); // what nothing waits for in the tables that are known comes within the second of a sweeper
  await server.stop();
  return captureFollowing(client, letter, before);
}

async function isWaiting(client: pg.ClientBase): Promise<boolean> {
  const { steps, notices } = await countBacklog(client);
  return steps + notices > 0;
}

/** What is due and has not been done. */
export interface Backlog {
  readonly steps: number;
  readonly notices: number;
  readonly events: number;
}

export async function countBacklog(client: pg.ClientBase): Promise<Backlog> {
  const { rows } = await client.query<Backlog>(`
    select (select count(*)::float8 from watch.step where state = 'due' and due_at <= clock.now()) as steps,
           (select count(*)::float8 from notifications.notice where state in ('due', 'handing-over')) as notices,
           (select count(*)::float8 from events.outbox where told_at is null) as events`);
  return rows[0]!;
}

/** A folder for the profile of one server, that stays when the bench has ended. */
export function profileFolder(machine: Machine, name: string): string {
  const folder = join(machine.profiles, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}
