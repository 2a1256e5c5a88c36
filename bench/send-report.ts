import { spread } from './figures.ts';
import type { BenchOptions } from './options.ts';
import type { SendRun, Way } from './sending.ts';

const names: Readonly<Record<Way, string>> = {
  endpoint: 'our endpoint',
  bare: 'the same rows, bare',
  single: 'one round trip per statement',
};

/** What a person reads of runs that were measured in alternation. */
export function showRuns(title: string, runs: readonly SendRun[], { repeats, seconds }: Pick<BenchOptions, 'repeats' | 'seconds'>): string {
  const lines = [...Map.groupBy(runs, ({ way }) => way)].flatMap(([way, mine]) => {
    const last = mine.at(-1)!;
    const row = [
      spread(mine.map((r) => r.messagesPerSecond)),
      spread(mine.map((r) => r.p50Millis)),
      spread(mine.map((r) => r.p99Millis)),
      last.cpuMicrosPerMessage === null ? '–' : spread(mine.map((r) => r.cpuMicrosPerMessage!)),
    ].map((cell) => cell.padStart(20));
    const { steps, notices, events } = last.backlog;
    const done = last.sideWork === 'on' ? `; notices handed over ${spread(mine.map((r) => r.noticesDone))}` : '';
    return [
      `  ${names[way].padEnd(30)}${row.join('')}`,
      `      backlog at the end of the last: ${steps} due steps, ${notices} notices, ${events} events${done}`,
      ...last.told.map((line) => `      ${line}`),
    ];
  });
  const head = ['messages per s', 'p50 ms', 'p99 ms', 'server µs of CPU'].map((word) => word.padStart(20));
  return [
    `\n${title} (${repeats} repeats of ${seconds} s, alternating; min/median/max)`,
    `  ${''.padEnd(30)}${head.join('')}`,
    ...lines,
  ].join('\n');
}

/**
 * Where the bare path has fallen out of step with the product: tables in which the two leave another number of rows per message.
 * Runs with side work are not compared, since how much of it was done differs.
 */
export function differencesOfGrowth(runs: readonly SendRun[]): string[] {
  const off = runs.filter(({ sideWork }) => sideWork === 'off');
  const ours = off.find(({ way }) => way === 'endpoint')?.growth;
  const bare = off.find(({ way }) => way === 'bare')?.growth;
  if (!ours || !bare) return [];
  return [...new Set([...ours.keys(), ...bare.keys()])].flatMap((table) => {
    const [left, wrote] = [ours.get(table) ?? 0, bare.get(table) ?? 0];
    const differs = wrote === 0 ? left > 0.01 : Math.abs(left - wrote) > 0.05 * wrote;
    return differs ? [`${table}: the endpoint leaves ${left.toFixed(3)} rows per message, the bare path ${wrote.toFixed(3)}`] : [];
  });
}
