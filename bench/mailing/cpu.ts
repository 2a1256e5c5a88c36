import { readdirSync, readFileSync } from 'node:fs';
import type pg from 'pg';

/** Of Linux, which has not had another for long. */
const ticksPerSecond = 100;

interface Spent {
  readonly parent: number;
  readonly ticks: number;
  /** Of processes of its own that have ended. */
  readonly ticksOfEnded: number;
}

/** Processor time that a PostgreSQL has taken so far, in milliseconds: all of its processes, those that have ended too. */
export async function cpuOfPostgres(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const { parent: postmaster } = spentBy(rows[0]!.pid)!;
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  const children = pids.map(spentBy).filter((spent) => spent?.parent === postmaster);
  const { ticks, ticksOfEnded } = spentBy(postmaster)!;
  return ((ticks + ticksOfEnded + children.reduce((sum, spent) => sum + (spent?.ticks ?? 0), 0)) / ticksPerSecond) * 1000;
}

/** Source: proc(5), /proc/pid/stat: the name stands in brackets, then the state, the parent, and from the 14th on the times. */
function spentBy(pid: number): Spent | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return { parent: fields[1]!, ticks: fields[11]! + fields[12]!, ticksOfEnded: fields[13]! + fields[14]! };
  } catch {
    return undefined; // it has ended meanwhile
  }
}
