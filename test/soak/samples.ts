import { readdirSync, readFileSync } from 'node:fs';
import type pg from 'pg';
import type { Sample } from './verdict.ts';

export interface Measured {
  readonly serverPid: number;
  readonly postmasterPid: number;
  /** Where `probe.ts` writes. */
  readonly probeFile: string;
  /** A connection of the measurer, which is not counted. */
  readonly client: pg.ClientBase;
}

/** Looks once at the server and its database. Source of the files: proc(5). */
export async function takeSample({ serverPid, postmasterPid, probeFile, client }: Measured, seconds: number): Promise<Sample> {
  const processes = [postmasterPid, ...childrenOf(postmasterPid)];
  const { rows } = await client.query<{ age: number; connections: number }>(`
    select (select count(*)::integer from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()) as connections,
           greatest(0, extract(epoch from clock.now() - least(
             (select min(due_at) from watch.step where state = 'due'),
             (select min(due_at) from notifications.notice where state in ('due', 'handing-over')),
             (select min(requested_publish_at) from correspondence.message where state = 'ReadyForPublish'))))::float8 as age`);
  const { age, connections } = rows[0]!;
  const { loopDelayMillis } = JSON.parse(readFileSync(probeFile, 'utf8')) as Pick<Sample, 'loopDelayMillis'>;
  return {
    seconds,
    serverMegabytes: megabytesOf(serverPid, 'VmRSS'),
    databaseMegabytes: processes.reduce((sum, pid) => sum + megabytesOf(pid, 'RssAnon'), 0) / processes.length,
    connections,
    openFiles: readdirSync(`/proc/${serverPid}/fd`).length,
    queueAgeSeconds: age ?? 0,
    loopDelayMillis,
  };
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && fieldOf(pid, 'PPid') === parent);
}

/** `VmRSS` counts memory that processes share, `RssAnon` what is a process's own. */
const megabytesOf = (pid: number, field: 'VmRSS' | 'RssAnon'): number => (fieldOf(pid, field) ?? 0) / 1024;

/** Undefined of a process that has ended. */
function fieldOf(pid: number, field: string): number | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`^${field}:\\s*(\\d+)`, 'm'));
    return line ? Number(line[1]) : undefined;
  } catch {
    return undefined;
  }
}
