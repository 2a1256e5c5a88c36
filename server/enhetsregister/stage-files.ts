import type { Copying } from '#db/index.ts';
import type { Files } from './files.ts';
import type { Progress } from './progress.ts';
import { readFile } from './read-file.ts';
import { type Role, readRoles } from './read-roles.ts';
import { readUnit, type Unit, type UnitKind } from './read-unit.ts';
import { copyRoles, copyUnits } from './store/staging.ts';

/** Rows that go to the database at once: what is held in memory. */
const batchRows = 5_000;

interface Staging {
  readonly now: Date;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Copies all files into the staging tables and tells how many items could not be read. Nothing else knows of them yet. */
export async function stageFiles(copying: Copying, files: Files, { now, progress, signal }: Staging): Promise<number> {
  let unreadable = 0;
  const today = now.toISOString().slice(0, 10);
  const units = async (path: string, kind: UnitKind): Promise<void> => {
    const read = (item: unknown): Unit[] | undefined => {
      const unit = readUnit(item, kind);
      return unit && [untilItCloses(unit, today)];
    };
    unreadable += await stageFile(path, read, (batch) => copying.transaction((tx) => copyUnits(tx, batch)), progress, signal);
  };
  if (files.units) await units(files.units, 'main');
  if (files.subunits) await units(files.subunits, 'sub');
  if (files.roles) {
    const write = (batch: Role[]): Promise<void> => copying.transaction((tx) => copyRoles(tx, batch));
    unreadable += await stageFile(files.roles, readRoles, write, progress, signal);
  }
  return unreadable;
}

/** A subunit may say beforehand when it closes. */
function untilItCloses(unit: Unit, today: string): Unit {
  return unit.deletedOn !== null && unit.deletedOn > today ? { ...unit, deletedOn: null } : unit;
}

async function stageFile<T>(
  path: string,
  read: (item: unknown) => T[] | undefined,
  write: (batch: T[]) => Promise<void>,
  progress: Progress,
  signal: AbortSignal,
): Promise<number> {
  const { items, sizeBytes, readBytes } = await readFile(path);
  let [rows, unreadable] = [0, 0];
  let batch: T[] = [];
  const flush = async (): Promise<void> => {
    signal.throwIfAborted();
    if (batch.length > 0) await write(batch);
    rows += batch.length;
    batch = [];
    progress.show(`reading ${path}`, sizeBytes === 0 ? 1 : readBytes() / sizeBytes, rows);
  };
  for await (const item of items) {
    const found = read(item);
    if (!found) unreadable += 1;
    else for (const row of found) batch.push(row);
    if (batch.length >= batchRows) await flush();
  }
  await flush();
  progress.end(`reading ${path}`, rows);
  return unreadable;
}
