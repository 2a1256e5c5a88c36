import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Closers } from './closers.ts';
import { type BenchOptions, fileLoads, type Report } from './options.ts';

const tiny = {
  seconds: 0.5,
  warmUpSeconds: 0.2,
  repeats: 1,
  connections: [4],
  recipients: 40,
  standing: 0,
  sizes: [200],
  mebibytes: 2,
  loads: fileLoads,
  store: 'directory',
  durable: false,
} as const;

/** Each bench, with side work where it has a part in it. */
const benches = [
  ['send', 'off'],
  ['send500', 'on'],
  ['inbox', 'off'],
  ['mailing', 'off'],
  ['openability', 'off'],
  ['upload', 'off'],
  ['download', 'off'],
  ['notify', 'off'],
] as const;

/** Every bench for a moment, at the same time and on a database that forgets: to see that they work. Their numbers mean nothing. */
export async function run(options: BenchOptions, closers: Closers): Promise<Report> {
  const there = benches.filter(([name]) => existsSync(fileOf(name)));
  const reports = await Promise.all(
    there.map(async ([name, sideWork]) => {
      const bench = (await import(fileOf(name))) as { run: (options: BenchOptions, closers: Closers) => Promise<Report> };
      return bench.run({ ...options, ...tiny, sideWork: [sideWork] }, closers);
    }),
  );
  return {
    bench: 'smoke',
    goals: [],
    faults: reports.flatMap(({ bench, faults }) => faults.map((fault) => `${bench}: ${fault}`)),
    runs: reports,
  };
}

function fileOf(name: string): string {
  return join(import.meta.dirname, `${name}.ts`);
}
