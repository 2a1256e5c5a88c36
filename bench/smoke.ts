import type { Closers } from './closers.ts';
import { run as inbox } from './inbox.ts';
import type { BenchOptions, Report } from './options.ts';
import { run as send } from './send.ts';
import { run as send500 } from './send500.ts';

/** Every bench for a moment, at the same time and on a database that forgets: to see that they work. Their numbers mean nothing. */
export async function run(options: BenchOptions, closers: Closers): Promise<Report> {
  const tiny = {
    ...options,
    seconds: 0.5,
    warmUpSeconds: 0.2,
    repeats: 1,
    connections: [4],
    recipients: 40,
    standing: 0,
    sizes: [200],
    durable: false,
  };
  const reports = await Promise.all([
    send({ ...tiny, sideWork: ['off'] }, closers),
    send500({ ...tiny, sideWork: ['on'] }, closers),
    inbox(tiny, closers),
  ]);
  return {
    bench: 'smoke',
    goals: [],
    faults: reports.flatMap(({ bench, faults }) => faults.map((fault) => `${bench}: ${fault}`)),
    runs: reports,
  };
}
