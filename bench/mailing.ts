import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from '../demo/client.ts';
import { startBareSideWork } from './bare/side-work.ts';
import type { Closers } from './closers.ts';
import { countWholeMessages } from './count-letters.ts';
import { median, spread } from './figures.ts';
import { type Backlog, countBacklog, type Ground, layGround, profileFolder, tokenOf } from './ground.ts';
import { letterPieces } from './letter.ts';
import { withClient } from './machine.ts';
import { writeBulk } from './mailing/bare-bulk.ts';
import { type Country, createCountry, sendLines, settle } from './mailing/country.ts';
import { cpuOfPostgres } from './mailing/cpu.ts';
import { atLeast, type BenchOptions, type Report, type SideWork } from './options.ts';
import { readProfile, readStatements } from './profile.ts';
import { lastLines, startServer, type Usage } from './server-process.ts';

/** Messages that Norway sent in 2022. */
const year = 68_419_581;

interface BulkRun {
  readonly way: 'door' | 'bare';
  readonly size: number;
  readonly sideWork: SideWork;
  readonly messagesPerSecond: number;
  readonly uploadSeconds: number;
  readonly sendSeconds: number;
  /** Processor time of all processes of the product together, per message. */
  readonly cpuMicrosPerMessage: number | null;
  /** Processor time of PostgreSQL, per message. */
  readonly databaseMicrosPerMessage: number;
  readonly residentMegabytes: number | null;
  readonly backlog: Backlog;
  readonly faults: readonly string[];
  readonly told: readonly string[];
}

/** What differs between runs of one bench. */
interface RunPlan {
  readonly ground: Ground;
  readonly country: Country;
  readonly sideWork: SideWork;
  readonly options: BenchOptions;
  readonly closers: Closers;
}

/**
 * A mailing through the bulk door, from its first request to its last message: token, lines over HTTP, register, openability, staging,
 * release, all rows of each message; against the same rows made in the database from a staged COPY. The time of both is counted from
 * the first line to the last commit.
 */
export async function run(options: BenchOptions, closers: Closers): Promise<Report> {
  const ground = await layGround({ ...options, recipients: Math.min(options.recipients, 400) }, 2, closers);
  const runs: BulkRun[] = [];
  const goals = [];
  for (const size of options.sizes) {
    const country = createCountry(size);
    await ground.machine.copy(ground.town, 'country');
    await settle(ground.machine.urlOf('country'), country);
    for (const sideWork of options.sideWork) {
      const mine: BulkRun[] = [];
      for (let repeat = 0; repeat < options.repeats; repeat++) {
        for (const way of ['door', 'bare'] as const) mine.push(await runOnce(way, { ground, country, sideWork, options, closers }));
      }
      console.log(showRuns(size, sideWork, mine));
      runs.push(...mine);
      const of = (way: BulkRun['way']): number => median(mine.filter((each) => each.way === way).map((each) => each.messagesPerSecond));
      goals.push(
        atLeast(`of bare staged COPY (${size} recipients, side work ${sideWork})`, of('door') / of('bare'), 0.8),
        atLeast(
          `messages a second, of those that a year of Norway in an hour takes (${size} recipients, side work ${sideWork})`,
          of('door'),
          year / 3600,
        ),
      );
    }
    await ground.machine.drop('country');
  }
  return { bench: 'mailing', goals, faults: runs.flatMap(({ faults }) => faults), runs };
}

async function runOnce(way: BulkRun['way'], plan: RunPlan): Promise<BulkRun> {
  const { machine } = plan.ground;
  await machine.copy('country', 'run');
  try {
    return await (way === 'door' ? runDoor(plan) : runBare(plan));
  } finally {
    await machine.drop('run');
  }
}

async function runBare({ ground, country, sideWork, options }: RunPlan): Promise<BulkRun> {
  const { machine, letter, following } = ground;
  const url = machine.urlOf('run');
  const everybody = sideWork === 'on' ? Array.from({ length: country.size }, (_, place) => country.at(place)) : [];
  const follower = sideWork === 'on' && following ? await startBareSideWork(url, following, everybody) : undefined;
  const cpuBefore = await withClient(url, cpuOfPostgres);
  const began = performance.now();
  await writeBulk(url, letter, country);
  const seconds = (performance.now() - began) / 1000;
  const cpu = (await withClient(url, cpuOfPostgres)) - cpuBefore;
  await follower?.stop();
  return finish(ground, country, {
    way: 'bare',
    size: country.size,
    sideWork,
    messagesPerSecond: country.size / seconds,
    uploadSeconds: 0,
    sendSeconds: seconds,
    cpuMicrosPerMessage: null,
    databaseMicrosPerMessage: (cpu * 1000) / country.size,
    residentMegabytes: null,
    faults: [],
    told: options.profile ? await withClient(url, readStatements) : [],
  });
}

async function runDoor({ ground, country, sideWork, options, closers }: RunPlan): Promise<BulkRun> {
  const { machine } = ground;
  const databaseUrl = machine.urlOf('run');
  const profileTo = options.profile ? profileFolder(machine, `mailing-${Date.now()}`) : undefined;
  const server = await startServer({ databaseUrl, folder: machine.folder, shape: 'joined', sideWork, profileTo }, closers);
  const worker = sideWork === 'off' ? await startWorker(databaseUrl, profileTo && `${profileTo}-worker`, closers) : undefined;
  const token = await tokenOf(server);
  const client = createClient(server.url, token);

  const before = [await server.usage(), await worker?.usage()];
  const cpuBefore = await withClient(databaseUrl, cpuOfPostgres);
  const began = performance.now();
  const id = await begin(client);
  await upload(server.port, token, id, country);
  const uploaded = performance.now();
  const released = await client.post(`${mailings}/${id}/release`, { expectedLines: country.size });
  if (released.status !== 200)
    throw new Error(`The mailing was not released: ${released.status} ${released.text}\n${lastLines(machine.folder)}`);
  const view = await finished(client, id);
  const ended = performance.now();
  const cpu = (await withClient(databaseUrl, cpuOfPostgres)) - cpuBefore;
  const after = [await server.usage(), await worker?.usage()];
  await Promise.all([server.stop(), worker?.stop()]);

  const sumOf = (usages: readonly (Usage | undefined)[]): number => usages.reduce((sum, usage) => sum + (usage?.cpuMillis ?? 0), 0);
  const { sent, published } = view.counts;
  return finish(ground, country, {
    way: 'door',
    size: country.size,
    sideWork,
    messagesPerSecond: country.size / ((ended - began) / 1000),
    uploadSeconds: (uploaded - began) / 1000,
    sendSeconds: (ended - uploaded) / 1000,
    cpuMicrosPerMessage: ((sumOf(after) - sumOf(before)) * 1000) / country.size,
    databaseMicrosPerMessage: (cpu * 1000) / country.size,
    residentMegabytes: Math.max(...after.map((usage) => usage?.residentBytes ?? 0)) / 2 ** 20,
    faults: sent === country.size && published === sent ? [] : [`of ${country.size} recipients ${JSON.stringify(view.counts)}`],
    told: profileTo
      ? [
          'profile of the server:',
          ...readProfile(profileTo),
          ...(worker ? ['profile of the worker:', ...readProfile(`${profileTo}-worker`)] : []),
          ...(await withClient(databaseUrl, readStatements)),
        ]
      : [],
  });
}

/** Only whole messages count. */
async function finish({ machine, letter }: Ground, country: Country, ran: Omit<BulkRun, 'backlog'>): Promise<BulkRun> {
  return withClient(machine.urlOf('run'), async (client) => {
    const whole = await countWholeMessages(client, letter);
    const missing = whole < country.size ? [`${ran.way}: ${whole} messages stand whole in the database, of ${country.size}`] : [];
    return { ...ran, backlog: await countBacklog(client), faults: [...ran.faults, ...missing] };
  });
}

const mailings = '/budstikke/v1/mailings';

/** The letter of the other benches, to whomever the lines name. */
async function begin(client: Client): Promise<string> {
  const [beforeUnique, beforeRecipients, end] = letterPieces(2);
  const { correspondence } = JSON.parse(`${beforeUnique}${randomUUID()}${beforeRecipients}"x"${end}`) as { correspondence: object };
  const answer = await client.post(mailings, { idempotencyKey: randomUUID(), correspondence });
  if (answer.status !== 201) throw new Error(`The mailing was not begun: ${answer.status} ${answer.text}`);
  return answer.json<{ mailingId: string }>().mailingId;
}

async function upload(port: number, token: string, id: string, country: Country): Promise<void> {
  const sending = request({
    port,
    method: 'POST',
    path: `${mailings}/${id}/recipients?from=1`,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
  });
  const answered = once(sending, 'response');
  await sendLines(country, sending);
  const [response] = (await answered) as [AsyncIterable<Buffer> & { statusCode: number }];
  let text = '';
  for await (const chunk of response) text += chunk.toString('utf8');
  if (response.statusCode !== 200) throw new Error(`The recipients were not taken: ${response.statusCode} ${text}`);
}

interface View {
  readonly state: string;
  readonly stalledBy: string | null;
  readonly counts: { readonly sent: number; readonly published: number };
}

async function finished(client: Client, id: string): Promise<View> {
  for (;;) {
    const view = (await client.get(`${mailings}/${id}`)).json<View>();
    if (view.state === 'Finished') return view;
    if (view.state !== 'Released') throw new Error(`The mailing is ${view.state}: ${view.stalledBy}`);
    await sleep(100);
  }
}

interface Worker {
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

async function startWorker(databaseUrl: string, profileTo: string | undefined, closers: Closers): Promise<Worker> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'mailing', 'worker.ts'), [databaseUrl], {
    execArgv: profileTo ? ['--cpu-prof', `--cpu-prof-dir=${profileTo}`] : [],
  });
  const gone = once(child, 'exit');
  const stop = closers.add(async () => {
    child.kill('SIGTERM');
    await gone;
  });
  await Promise.race([once(child, 'message'), gone]);
  return {
    async usage() {
      child.send('usage');
      const [usage] = await once(child, 'message');
      return usage as Usage;
    },
    stop,
  };
}

function showRuns(size: number, sideWork: SideWork, runs: readonly BulkRun[]): string {
  const of = (way: BulkRun['way']): BulkRun[] => runs.filter((each) => each.way === way);
  const hours = (perSecond: number): string => (year / perSecond / 3600).toFixed(2);
  const lines = (['door', 'bare'] as const).map((way) => {
    const mine = of(way);
    const rates = mine.map(({ messagesPerSecond }) => messagesPerSecond);
    const backlog = mine.at(-1)!.backlog;
    return [
      `  ${way}  ${spread(rates)} messages/s   ${hours(median(rates))} h for ${year} (extrapolated, linear)`,
      `upload ${spread(
        mine.map((each) => each.uploadSeconds),
        1,
      )} s, sending ${spread(
        mine.map((each) => each.sendSeconds),
        1,
      )} s`,
      `CPU of PostgreSQL ${spread(mine.map((each) => each.databaseMicrosPerMessage))} µs per message`,
      ...(way === 'door'
        ? [
            `CPU of the product ${spread(mine.map((each) => each.cpuMicrosPerMessage ?? 0))} µs per message`,
            `resident at most ${Math.max(...mine.map((each) => each.residentMegabytes ?? 0)).toFixed(0)} MB`,
          ]
        : []),
      `left to do: ${backlog.steps} steps, ${backlog.notices} notices, ${backlog.events} events`,
    ].join('\n        ');
  });
  const ratios = of('door').map((each, i) => each.messagesPerSecond / of('bare')[i]!.messagesPerSecond);
  return [
    `\nmailing, ${size} recipients, side work ${sideWork}: least/median/greatest of ${of('door').length}`,
    ...lines,
    `  door as a part of bare, pair by pair: ${spread(ratios, 2)}`,
    ...runs.flatMap(({ told }) => told),
  ].join('\n');
}
