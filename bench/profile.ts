import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type pg from 'pg';

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Where a server spent its time: the functions with the most time of their own, as shares of the whole, idle time among them. */
export function readProfile(directory: string, count = 25): string[] {
  const file = readdirSync(directory).find((name) => name.endsWith('.cpuprofile'));
  if (!file) return ['no profile was written'];
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(directory, file), 'utf8')) as CpuProfile;
  const byId = new Map(nodes.map((node) => [node.id, nameOf(node.callFrame)]));
  const spent = new Map<string, number>();
  samples.forEach((id, i) => {
    const name = byId.get(id)!;
    spent.set(name, (spent.get(name) ?? 0) + timeDeltas[i]!);
  });
  const whole = timeDeltas.reduce((sum, micros) => sum + micros, 0);
  return [...spent]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, micros]) => `${((micros / whole) * 100).toFixed(1).padStart(5)} %  ${name}`);
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const path = url.replace(/^file:\/\//, '').replace(/^.*\/(node_modules\/|server\/)/, '$1');
  return `${functionName || '(anonymous)'}${path ? `  ${path || basename(url)}:${lineNumber + 1}` : ''}`;
}

/** Statements of a database by the time that they took in it, since the counts were last reset. */
export async function readStatements(client: pg.ClientBase, count = 20): Promise<string[]> {
  const { rows } = await client.query<{ calls: number; millis: number; text: string }>(
    `select calls::float8 as calls, total_exec_time + total_plan_time as millis, query as text
       from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())
      order by total_exec_time + total_plan_time desc limit ${count}`,
  );
  return rows.map(
    ({ calls, millis, text }) =>
      `${millis.toFixed(0).padStart(7)} ms  ${String(calls).padStart(7)} calls  ${(millis / calls).toFixed(3).padStart(8)} ms each  ${text.replaceAll(/\s+/g, ' ').trim().slice(0, 110)}`,
  );
}
