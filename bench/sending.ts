import type pg from 'pg';
import { newId } from '#kernel/ids.ts';
import { runBare } from './bare/run-bare.ts';
import type { Closers } from './closers.ts';
import { countWholeMessages, growthPerMessage } from './count-letters.ts';
import { type Backlog, countBacklog, type Ground, profileFolder, tokenOf, wireNameOf } from './ground.ts';
import { letterPieces, sendPath } from './letter.ts';
import { load } from './load-process.ts';
import { withClient } from './machine.ts';
import type { BenchOptions, SideWork } from './options.ts';
import { readProfile, readStatements } from './profile.ts';
import { countRows } from './rows/capture.ts';
import { type Shape, startServer } from './server-process.ts';

/** One measured run of sending, by one of the ways that are compared. */
export interface SendRun {
  readonly way: Way;
  readonly connections: number;
  readonly sideWork: SideWork;
  readonly messagesPerSecond: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  /** Of this way's side work, at the end of the run. */
  readonly backlog: Backlog;
  readonly noticesDone: number;
  /** Of the server, in the time that it was asked; null for the bare path, which has none. */
  readonly cpuMicrosPerMessage: number | null;
  readonly faults: readonly string[];
  /** Rows per message by table. */
  readonly growth: ReadonlyMap<string, number>;
  readonly told: readonly string[];
}

export type Way = 'endpoint' | 'bare' | 'single';

export interface SendPlan {
  readonly ground: Ground;
  readonly options: BenchOptions;
  readonly closers: Closers;
  readonly connections: number;
  readonly perRequest: number;
  readonly sideWork: SideWork;
  readonly bareWay: 'joined' | 'alone';
}

/** Measures one way on a copy of the town that is its own, so that no run stands on the leavings of another. */
export async function runSending(way: Way, plan: SendPlan): Promise<SendRun> {
  const { machine, town } = plan.ground;
  const database = 'run';
  await machine.copy(town, database);
  try {
    return way === 'bare' ? await runBareOn(database, plan) : await runServerOn(database, way === 'single' ? 'single' : 'joined', plan);
  } finally {
    await machine.drop(database);
  }
}

async function runServerOn(database: string, shape: Shape, plan: SendPlan): Promise<SendRun> {
  const { ground, options, closers, connections, perRequest, sideWork } = plan;
  const url = ground.machine.urlOf(database);
  const profileTo = options.profile ? profileFolder(ground.machine, `${shape}-${connections}-${sideWork}-${Date.now()}`) : undefined;
  const server = await startServer({ databaseUrl: url, folder: ground.machine.folder, shape, sideWork, profileTo }, closers);
  const { seconds, warmUpSeconds } = options;
  const token = await tokenOf(server);
  const recipients = ground.recipients.map(wireNameOf);
  const work = { kind: 'send' as const, path: sendPath, token, pieces: letterPieces(perRequest), recipients, perRequest };
  return withClient(url, async (client) => {
    const before = await countRows(client, ground.letter.tables);
    const since = newId();
    const [backlogBefore, noticesBefore] = [await countBacklog(client), await countNoticesDone(client)];
    await forgetStatements(client, options);
    const used = await server.usage();
    const result = await load({ port: server.port, connections, seconds, warmUpSeconds, work }, closers);
    const usage = await server.usage();
    const statements = await statementsBy(client, options);
    const backlog = await grownBacklog(client, backlogBefore);
    const noticesDone = (await countNoticesDone(client)) - noticesBefore;
    await server.stop();

    const sent = result.answeredInAll * perRequest;
    const whole = await countWholeMessages(client, ground.letter, since);
    const faults = whole === sent ? [] : [`${sent} messages were answered with 200, and ${whole} stand whole in the database`];
    for (const [what, count] of Object.entries(result.others))
      if (what !== '503') faults.push(`${count} answers were ${what}: ${result.firstOther}`);
    return {
      way: shape === 'single' ? 'single' : 'endpoint',
      connections,
      sideWork,
      messagesPerSecond: (result.answered * perRequest) / result.seconds,
      p50Millis: result.p50Millis,
      p99Millis: result.p99Millis,
      backlog,
      noticesDone,
      cpuMicrosPerMessage: ((usage.cpuMillis - used.cpuMillis) * 1000) / Math.max(1, sent),
      faults,
      growth: await growthPerMessage(client, ground.letter, before),
      told: profileTo ? [`profile of the server, kept in ${profileTo}`, ...readProfile(profileTo), ...statements] : [],
    };
  });
}

async function runBareOn(database: string, plan: SendPlan): Promise<SendRun> {
  const { ground, options, connections, perRequest, sideWork, bareWay } = plan;
  const { seconds, warmUpSeconds } = options;
  const url = ground.machine.urlOf(database);
  return withClient(url, async (client) => {
    const before = await countRows(client, ground.letter.tables);
    const since = newId();
    const [backlogBefore, noticesBefore] = [await countBacklog(client), await countNoticesDone(client)];
    const { letter, following, recipients } = ground;
    await forgetStatements(client, options);
    const result = await runBare({
      url,
      letter,
      following,
      recipients,
      callers: connections,
      perRequest,
      seconds,
      warmUpSeconds,
      sideWork,
      way: bareWay,
    });
    const statements = await statementsBy(client, options);
    const backlog = await grownBacklog(client, backlogBefore);
    const written = result.requestsInAll * perRequest;
    const whole = await countWholeMessages(client, letter, since);
    return {
      way: 'bare',
      connections,
      sideWork,
      messagesPerSecond: (result.requests * perRequest) / result.seconds,
      p50Millis: result.p50Millis,
      p99Millis: result.p99Millis,
      backlog,
      noticesDone: (await countNoticesDone(client)) - noticesBefore,
      cpuMicrosPerMessage: null,
      faults: whole === written ? [] : [`the bare path wrote ${written} messages, and ${whole} stand whole in the database`],
      growth: await growthPerMessage(client, letter, before),
      told: statements,
    };
  });
}

async function forgetStatements(client: pg.ClientBase, { profile }: BenchOptions): Promise<void> {
  if (profile) await client.query('select pg_stat_statements_reset()');
}

async function statementsBy(client: pg.ClientBase, { profile }: BenchOptions): Promise<string[]> {
  return profile ? await readStatements(client) : [];
}

async function grownBacklog(client: pg.ClientBase, before: Backlog): Promise<Backlog> {
  const { steps, notices, events } = await countBacklog(client);
  return { steps: steps - before.steps, notices: notices - before.notices, events: events - before.events };
}

async function countNoticesDone(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ n: number }>(`select count(*)::float8 as n from notifications.notice where state = 'handed-over'`);
  return rows[0]!.n;
}
