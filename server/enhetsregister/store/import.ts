import type pg from 'pg';
import { type Reader, sql, type Tx } from '#kernel/database.ts';
import { newId } from '#kernel/ids.ts';
import type { Staged } from './staging.ts';

export const steps = ['stage', 'main', 'parents', 'sub', 'roles', 'gone', 'done'] as const;
export type Step = (typeof steps)[number];

/** What a run has found and done. */
export interface Counts {
  readonly unreadable?: number;
  readonly added?: number;
  readonly changed?: number;
  readonly deregistered?: number;
  readonly restored?: number;
  readonly orphans?: number;
  readonly rolesAdded?: number;
  readonly rolesEnded?: number;
  readonly personsAdded?: number;
  /** Roles of persons whom the files do not name by number. */
  readonly personsUnnamed?: number;
  readonly holdersUnknown?: number;
  readonly rolesOfUnknownKind?: number;
  readonly unitsWithRoles?: number;
}

/** A run over a set of files. */
export interface Import {
  readonly id: string;
  readonly step: Step;
  readonly through: string;
  readonly staged: Partial<Staged>;
  readonly counts: Counts;
}

const columns = sql`id, step, through, staged, counts`;

/** The run over these files that was broken off. index: import_open */
export function findOpenImport(reader: Reader, files: string): Promise<Import | undefined> {
  return reader.maybe<Import>(sql`select ${columns} from enhetsregister.import where files = ${files} and step <> 'done'`);
}

/** The last run that came to its end. index: import_done */
export function findLastImport(reader: Reader): Promise<Import | undefined> {
  return reader.maybe<Import>(sql`select ${columns} from enhetsregister.import where step = 'done' order by ended_at desc limit 1`);
}

/** Begins a run over these files, anew where one was broken off. Runs over other files that were broken off are forgotten: their rows are gone. */
export function beginImport(tx: Tx, files: string): Promise<Import> {
  tx.send(sql`delete from enhetsregister.import where step <> 'done'`);
  return tx.one<Import>(sql`
    insert into enhetsregister.import (id, files, step, started_at) values (${newId()}, ${files}, 'stage', clock.now()) returning ${columns}`);
}

/** How far a run is come. */
export function saveProgress(tx: Tx, { id, step, through, staged, counts }: Import): void {
  tx.send(sql`
    update enhetsregister.import
       set step = ${step}, through = ${through}, staged = ${JSON.stringify(staged)}::jsonb, counts = ${JSON.stringify(counts)}::jsonb,
           ended_at = case when ${step} = 'done' then clock.now() end
     where id = ${id}`);
}

const onlyOne = 7_461_952_310;

/** Takes the place of the one run that there may be, and gives the way to leave it. Undefined when somebody has it; it is free again when its process ends. */
export async function takePlace(pool: pg.Pool): Promise<(() => Promise<void>) | undefined> {
  const client = await pool.connect();
  let isTaken = false;
  try {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [onlyOne]);
    isTaken = rows[0]!.taken;
  } finally {
    if (!isTaken) client.release();
  }
  if (!isTaken) return undefined;
  return async () => {
    const freed = await client.query('select pg_advisory_unlock($1)', [onlyOne]).catch(() => undefined);
    client.release(freed === undefined); // a connection that is lost has lost the place with it
  };
}
