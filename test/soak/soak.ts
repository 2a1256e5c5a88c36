import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startEmbedded } from '#db/embedded/index.ts';
import { silentLog } from '#kernel/log.ts';
import { createClient } from '../../demo/client.ts';
import { makeFolder, startServer } from '../../demo/server-process.ts';
import { startMailSink } from '../../demo/sink.ts';
import { until } from '../../demo/wait.ts';
import { createLoad, type Load } from './load.ts';
import { type Measured, takeSample } from './samples.ts';
import { citizens, town } from './town.ts';
import { judge, type Sample, type Verdict } from './verdict.ts';

export interface Soak {
  readonly minutes: number;
  /** Requests a second; null for half of what is measured at the beginning. */
  readonly rate: number | null;
  readonly json?: string | undefined;
  readonly stop: AbortSignal;
  readonly tell: (line: string) => void;
}

export interface Soaked {
  readonly verdicts: readonly Verdict[];
  readonly done: number;
  readonly failed: readonly string[];
}

const measuringSeconds = 20;

/** A server with a database and a mail server of its own, under a steady load, and what became of it. */
export async function runSoak(soak: Soak): Promise<Soaked> {
  const closing: (() => Promise<unknown>)[] = [];
  try {
    return await soakServer(soak, closing);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function soakServer({ minutes, rate, json, stop, tell }: Soak, closing: (() => Promise<unknown>)[]): Promise<Soaked> {
  const folder = await makeFolder('soak');
  closing.push(() => folder.remove());
  const database = await startEmbedded({ dataDir: folder.data, log: silentLog });
  closing.push(() => database.stop());
  const mails = await startMailSink();
  closing.push(() => mails.close());
  const probeFile = join(folder.path, 'probe.json');
  const server = await startServer({
    folder,
    environment: {
      BUDSTIKKE_DATABASE_URL: database.url,
      BUDSTIKKE_SANDBOX_IMPLICIT: 'none',
      BUDSTIKKE_SANDBOX_TOWN: 'none',
      BUDSTIKKE_SMTP_URL: mails.url,
      BUDSTIKKE_LOG_LEVEL: 'warn',
      NODE_OPTIONS: `--import=${join(import.meta.dirname, 'probe.ts')}`,
      SOAK_PROBE: probeFile,
    },
  });
  closing.push(() => server.stop());
  const seeded = await createClient(server.url).post('/budstikke/v1/sandbox/seed', town);
  if (seeded.status >= 300) throw new Error(`The town was not loaded: ${seeded.status} ${seeded.text.slice(0, 1000)}`);
  await until('the probe in the server to tell', async () => readFileSync(probeFile));
  const client = new pg.Client(database.url);
  await client.connect();
  closing.push(() => client.end());
  const [pid] = readFileSync(join(folder.data, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
  const measured: Measured = { serverPid: server.pid, postmasterPid: Number(pid), probeFile, client };

  const load = createLoad(server.url, citizens);
  const perSecond = rate ?? (await load.measure(measuringSeconds)) / 2;
  tell(`${perSecond.toFixed(0)} requests a second for ${minutes} minutes: letters sent, opened and listed in equal parts`);
  const samples = await sampleUnder(load, { measured, perSecond, minutes, stop, tell });
  if (json) await writeFile(json, JSON.stringify(samples));
  return { verdicts: judge(samples), done: load.done.requests, failed: load.done.failed };
}

interface Sampling extends Pick<Soak, 'minutes' | 'stop' | 'tell'> {
  readonly measured: Measured;
  readonly perSecond: number;
}

async function sampleUnder(load: Load, { measured, perSecond, minutes, stop, tell }: Sampling): Promise<Sample[]> {
  const everyMillis = Math.min(10_000, (minutes * 60_000) / 30);
  const begun = Date.now();
  const isOver = (): boolean => stop.aborted || Date.now() - begun >= minutes * 60_000;
  const samples: Sample[] = [];
  const sampling = (async () => {
    while (!isOver()) {
      const sample = await takeSample(measured, (Date.now() - begun) / 1000);
      samples.push(sample);
      if (samples.length % 6 === 1) tell(lineOf(sample, load));
      await sleep(everyMillis);
    }
  })();
  await Promise.all([load.keep(perSecond, isOver), sampling]);
  return samples;
}

function lineOf(sample: Sample, { done }: Load): string {
  const { seconds, serverMegabytes, databaseMegabytes, connections, openFiles, queueAgeSeconds, loopDelayMillis } = sample;
  return `${seconds.toFixed(0).padStart(5)} s  server ${serverMegabytes.toFixed(0)} MB, PostgreSQL ${databaseMegabytes.toFixed(1)} MB a process, ${connections} connections, ${openFiles} files, due since ${queueAgeSeconds.toFixed(1)} s, event loop ${loopDelayMillis.toFixed(0)} ms, ${done.requests} requests`;
}
