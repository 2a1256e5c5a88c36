import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Closers } from './closers.ts';
import { median, spread } from './figures.ts';
import { layGround } from './ground.ts';
import { atMost, type BenchOptions, type Report } from './options.ts';
import { runSending } from './sending.ts';

/** Messages a second that the machine on which the goals were set, with two cores, writes bare by joined callers. */
const goalsMachine = 13_000;
const goalSeconds = 60;

interface YearRun {
  readonly way: 'bare' | 'year';
  /** Bare: messages a second. */
  readonly perSecond: number | null;
  /** The year, from the start of the command to its end. */
  readonly seconds: number | null;
}

/**
 * The simulated year, the whole command, against the limit of the machine that it runs on: as many messages as that machine writes bare in
 * the same time. A second of one machine is not that of another; a minute is meant of the one on which the goals were set.
 */
export async function run(options: BenchOptions, closers: Closers): Promise<Report> {
  const ground = await layGround({ ...options, sideWork: ['off'] }, 1, closers);
  const [connections, letters] = [options.connections[0]!, options.sizes[0]!];
  const runs: YearRun[] = [];
  const faults: string[] = [];
  const measureBare = async () => {
    const plan = { ground, options, closers, connections, perRequest: 1, sideWork: 'off', bareWay: 'joined' } as const;
    const bare = await runSending('bare', plan);
    faults.push(...bare.faults);
    runs.push({ way: 'bare', perSecond: bare.messagesPerSecond, seconds: null });
  };
  await measureBare();
  for (let repeat = 0; repeat < options.repeats; repeat++) {
    const began = performance.now();
    const code = await playYear(letters, closers);
    if (code !== 0) faults.push(`the year ended with exit code ${code}`);
    runs.push({ way: 'year', perSecond: null, seconds: (performance.now() - began) / 1000 });
    await measureBare();
  }
  const perSecond = runs.flatMap((each) => each.perSecond ?? []);
  const seconds = runs.flatMap((each) => each.seconds ?? []);
  const asMany = median(seconds) * median(perSecond);
  console.log(`a year of ${letters} letters: ${spread(seconds)} s, with the making of its database`);
  console.log(`bare: ${spread(perSecond)} messages a second; the year takes as long as ${Math.round(asMany)} of them`);
  const what = `of the messages that the machine of the goals writes bare in ${goalSeconds} s (${goalSeconds * goalsMachine})`;
  return { bench: 'year', goals: [atMost(what, asMany / (goalSeconds * goalsMachine), 1)], faults, runs };
}

async function playYear(letters: number, closers: Closers): Promise<number | null> {
  const main = fileURLToPath(new URL('../test/year/main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--max-semi-space-size=64', main, '--letters', String(letters)], { stdio: 'inherit' });
  closers.add(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}
