import type { Closers } from './closers.ts';
import { median } from './figures.ts';
import { layGround } from './ground.ts';
import { atLeast, atMost, type BenchOptions, type Goal, type Report, type SideWork } from './options.ts';
import { differencesOfGrowth, showRuns } from './send-report.ts';
import { runSending, type SendRun, type Way } from './sending.ts';

const ways: readonly Way[] = ['endpoint', 'bare', 'single'];

/**
 * Letters over HTTP, one recipient each, with token, authorization, openability, watch, evidence, steps and outbox; against the
 * same rows written bare by joined callers, and against the same endpoint with one round trip per statement.
 */
export async function run(options: BenchOptions, closers: Closers): Promise<Report> {
  const ground = await layGround(options, 1, closers);
  const runs: SendRun[] = [];
  const goals: Goal[] = [];
  for (const sideWork of options.sideWork) {
    for (const connections of options.connections) {
      const mine: SendRun[] = [];
      for (let repeat = 0; repeat < options.repeats; repeat++) {
        for (const way of ways) {
          mine.push(await runSending(way, { ground, options, closers, connections, perRequest: 1, sideWork, bareWay: 'joined' }));
        }
      }
      console.log(showRuns(`send, ${connections} connections, side work ${sideWork}`, mine, options));
      runs.push(...mine);
      goals.push(...goalsOf(mine, connections, sideWork));
    }
  }
  return { bench: 'send', goals, faults: [...runs.flatMap(({ faults }) => faults), ...differencesOfGrowth(runs)], runs };
}

function goalsOf(runs: readonly SendRun[], connections: number, sideWork: SideWork): Goal[] {
  const of = (way: Way, figure: 'messagesPerSecond' | 'p99Millis'): number =>
    median(runs.filter((r) => r.way === way).map((r) => r[figure]));
  const here = `${connections} connections, side work ${sideWork}`;
  return [
    atLeast(
      `of the bare joined path (${here})`,
      of('endpoint', 'messagesPerSecond') / of('bare', 'messagesPerSecond'),
      sideWork === 'on' ? 0.5 : 0.6,
    ),
    atLeast(`times one round trip per statement (${here})`, of('endpoint', 'messagesPerSecond') / of('single', 'messagesPerSecond'), 3),
    atMost(`p99 as a part of that shape's (${here})`, of('endpoint', 'p99Millis') / of('single', 'p99Millis'), 1 / 3),
  ];
}
