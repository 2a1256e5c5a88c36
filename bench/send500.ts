import type { Closers } from './closers.ts';
import { median } from './figures.ts';
import { layGround } from './ground.ts';
import { atLeast, type BenchOptions, type Goal, type Report } from './options.ts';
import { differencesOfGrowth, showRuns } from './send-report.ts';
import { runSending, type SendRun } from './sending.ts';

const connections = 4;
const recipientsPerRequest = 500;

/** Letters to 500 recipients each, everything on, against the same rows written bare by `unnest`, each request a transaction. */
export async function run(options: BenchOptions, closers: Closers): Promise<Report> {
  const perRequest = Math.min(recipientsPerRequest, options.recipients);
  const ground = await layGround(options, perRequest, closers);
  const runs: SendRun[] = [];
  const goals: Goal[] = [];
  for (const sideWork of options.sideWork) {
    const mine: SendRun[] = [];
    for (let repeat = 0; repeat < options.repeats; repeat++) {
      for (const way of ['endpoint', 'bare'] as const) {
        mine.push(await runSending(way, { ground, options, closers, connections, perRequest, sideWork, bareWay: 'alone' }));
      }
    }
    console.log(showRuns(`send500, ${connections} connections, ${perRequest} recipients a request, side work ${sideWork}`, mine, options));
    const rate = (way: string): number => median(mine.filter((r) => r.way === way).map((r) => r.messagesPerSecond));
    goals.push(atLeast(`of bare unnest (side work ${sideWork})`, rate('endpoint') / rate('bare'), 0.8));
    runs.push(...mine);
  }
  return { bench: 'send500', goals, faults: [...runs.flatMap(({ faults }) => faults), ...differencesOfGrowth(runs)], runs };
}
