import { percentile } from '../figures.ts';
import { openClient } from '../machine.ts';
import type { SideWork } from '../options.ts';
import type { FollowingRows } from '../rows/following-rows.ts';
import type { LetterRows } from '../rows/letter-rows.ts';
import type { Recipient } from '../rows/pattern.ts';
import { drawRecipients, planLetter } from '../rows/plan-letters.ts';
import { joinWrites } from './join-writes.ts';
import { startBareSideWork } from './side-work.ts';
import { writeRows } from './write.ts';

export interface BarePlan {
  readonly url: string;
  readonly letter: LetterRows;
  readonly following: FollowingRows | undefined;
  readonly recipients: readonly Recipient[];
  readonly callers: number;
  readonly perRequest: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly sideWork: SideWork;
  /** `joined`: callers share two connections and their transactions; `alone`: each has its own. */
  readonly way: 'joined' | 'alone';
}

export interface BareResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  readonly requestsInAll: number;
}

/** Writes the rows of letters straight into PostgreSQL, as fast as it takes them: what a server could reach that did nothing else. */
export async function runBare(plan: BarePlan): Promise<BareResult> {
  const { url, letter, callers, way } = plan;
  const clients = await Promise.all(Array.from({ length: way === 'joined' ? 2 : callers }, () => openClient(url)));
  const sideWork = plan.sideWork === 'on' && plan.following ? await startBareSideWork(url, plan.following, plan.recipients) : undefined;
  try {
    const joined = joinWrites(clients, letter);
    const begun = performance.now();
    const from = begun + plan.warmUpSeconds * 1000;
    const until = from + plan.seconds * 1000;
    const latencies: number[] = [];
    let requestsInAll = 0;
    const call = async (_: unknown, i: number): Promise<void> => {
      while (performance.now() < until) {
        const sentAt = performance.now();
        const rows = planLetter(letter, drawRecipients(plan.recipients, plan.perRequest));
        await (way === 'joined' ? joined(rows) : writeRows(clients[i]!, letter, rows));
        const at = performance.now();
        requestsInAll += 1;
        if (at >= from && at <= until) latencies.push(at - sentAt);
      }
    };
    await Promise.all(Array.from({ length: callers }, call));
    latencies.sort((a, b) => a - b);
    return {
      requests: latencies.length,
      seconds: plan.seconds,
      p50Millis: percentile(latencies, 0.5),
      p99Millis: percentile(latencies, 0.99),
      requestsInAll,
    };
  } finally {
    await sideWork?.stop();
    await Promise.all(clients.map((client) => client.end()));
  }
}
