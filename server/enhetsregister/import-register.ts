import { createHash } from 'node:crypto';
import { announceAccessChanges, listUnknownNames } from '#access/index.ts';
import type { Copying, Database } from '#db/index.ts';
import { budstikkeItself } from '#evidence/index.ts';
import type { Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import { StartError } from '#kernel/start-error.ts';
import { applyRoles } from './apply-roles.ts';
import { type Applied, applyGone, applyUnits } from './apply-units.ts';
import { type Files, kindsIn } from './files.ts';
import type { Progress } from './progress.ts';
import { digestOf } from './read-file.ts';
import { stageFiles } from './stage-files.ts';
import {
  beginImport,
  type Counts,
  findLastImport,
  findOpenImport,
  type Import,
  type Step,
  saveProgress,
  steps,
  takePlace,
} from './store/import.ts';
import { analyzeStaging, countOrphans, countRolesOf, countStaged, emptyStaging, listRoleCodes } from './store/staging.ts';
import { countGone } from './store/unit.ts';

export interface ImportOptions {
  readonly files: Files;
  /** Finds out what would change, and changes nothing. */
  readonly isDryRun: boolean;
  /** Goes on although much more than usual would be deregistered or ended. */
  readonly acceptLoss: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export type ImportContext = Omit<Context, 'db'> & { readonly db: Database; readonly copying: Copying };

/** Of what is known, more than this gone at once is taken for a file that is not whole. */
const usualLoss = { share: 0.02, atLeast: 100 } as const;

/**
 * Reads the open files of the Register of Legal Entities in: stages them, then makes parties and roles what they say, some thousands
 * at a time, each set in a transaction of its own with whatever follows from it for unread post. A run over the same files that was
 * broken off goes on where it was; run again afterwards it finds nothing to change. Parties are never deleted.
 *
 * Refuses (StartError) files that cannot be read, a second run at the same time, and, unless it is told otherwise, files by which
 * unusually much would be gone.
 * Source: compatibility.md, Enhetsregisteret.
 */
export async function importRegister(ctx: ImportContext, options: ImportOptions): Promise<Counts> {
  if (Object.values(options.files).every((path) => path === undefined)) throw new StartError('There is no file to read in.');
  const leave = await takePlace(ctx.db.pool);
  if (!leave) throw new StartError('Another process is reading the register in.');
  try {
    const run = await stage(ctx, options);
    await refuseLoss(ctx, options);
    return options.isDryRun ? await tryOut(ctx, options, run) : await apply(ctx, options, run);
  } finally {
    await leave();
  }
}

/** The files in the staging tables: still there from a run that was broken off, or read anew. */
async function stage({ db, copying, now }: ImportContext, { files, progress, signal }: ImportOptions): Promise<Import> {
  const digest = await digestOfAll(files);
  const open = await findOpenImport(db, digest);
  if (open && open.step !== 'stage' && isSame(open.staged, await countStaged(db))) return open;
  const run = await db.transaction(async (tx) => {
    await emptyStaging(tx);
    return beginImport(tx, digest);
  });
  const unreadable = await stageFiles(copying, files, { now: now(), progress, signal });
  const staged = await countStaged(db);
  const next: Import = { ...run, step: 'main', staged, counts: { unreadable } };
  await db.transaction(async (tx) => {
    saveProgress(tx, next);
    await analyzeStaging(tx);
  });
  return next;
}

async function digestOfAll(files: Files): Promise<string> {
  const parts = await Promise.all(
    (['units', 'subunits', 'roles'] as const).map(async (kind) => `${kind} ${files[kind] ? await digestOf(files[kind]) : '-'}`),
  );
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}

const isSame = (a: object, b: object): boolean => JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());

async function refuseLoss({ db }: ImportContext, { files, acceptLoss }: ImportOptions): Promise<void> {
  if (acceptLoss) return;
  const { known, gone } = await countGone(db, kindsIn(files));
  if (gone >= usualLoss.atLeast && gone > known * usualLoss.share) {
    throw new StartError(
      `The files lack ${gone} of ${known} organizations that were read in before. If that is right, run it again with --accept-loss.`,
    );
  }
  const [before, { roles }] = [await findLastWithRoles(db), await countStaged(db)];
  if (files.roles && before !== undefined && before - roles >= usualLoss.atLeast && roles < before * (1 - usualLoss.share)) {
    throw new StartError(
      `The file of roles has ${roles} roles; the last one had ${before}. If that is right, run it again with --accept-loss.`,
    );
  }
}

async function findLastWithRoles(db: Database): Promise<number | undefined> {
  const had = (await findLastImport(db))?.staged.roles;
  return had ? had : undefined;
}

type Apply = (tx: Tx, after: string) => Promise<Applied | undefined>;

/** What each step does with its next set of rows; a step whose file was not given does nothing. */
async function stepsOf({ db, now }: ImportContext, { files }: ImportOptions): Promise<ReadonlyMap<Step, Apply>> {
  const unknown = files.roles ? await listUnknownNames(db, { roles: await listRoleCodes(db), packages: [] }) : [];
  const done: Apply = async () => undefined;
  const units = files.units ? (tx: Tx, after: string) => applyUnits(tx, 'main', after) : done;
  return new Map<Step, Apply>([
    ['main', units],
    ['parents', units], // again: main units that came later than what belongs to them are there now
    ['sub', files.subunits ? (tx, after) => applyUnits(tx, 'sub', after) : done],
    ['roles', files.roles ? (tx, after) => applyRoles(tx, after, unknown, now()) : done],
    ['gone', (tx, after) => applyGone(tx, kindsIn(files), after, now())],
  ]);
}

const applied = steps.filter((step) => step !== 'stage' && step !== 'done');
const sayings: Readonly<Record<Step, string>> = {
  stage: 'reading',
  main: 'main units',
  parents: 'what belongs to which',
  sub: 'subunits',
  roles: 'roles',
  gone: 'what is gone',
  done: 'done',
};

async function apply(ctx: ImportContext, options: ImportOptions, from: Import): Promise<Counts> {
  const does = await stepsOf(ctx, options);
  let run = from;
  for (const step of applied.slice(applied.indexOf(from.step as (typeof applied)[number]))) {
    if (run.step !== step) run = { ...run, step, through: '' };
    let rows = 0;
    for (;;) {
      options.signal.throwIfAborted();
      const next = await ctx.db.transaction(async (tx) => {
        const result = await does.get(step)!(tx, run.through);
        if (!result) return undefined;
        const further = { ...run, through: result.through, counts: sum(run.counts, result.counts) };
        saveProgress(tx, further);
        await announceAccessChanges(tx, { by: budstikkeItself, cause: 'register-changed' });
        return { further, rows: result.rows };
      });
      if (!next) break;
      run = next.further;
      rows += next.rows;
      options.progress.show(sayings[step], undefined, rows);
    }
    if (rows > 0) options.progress.end(sayings[step], rows);
  }
  const counts = { ...run.counts, ...(await countLeftOut(ctx)) };
  await ctx.db.transaction(async (tx) => {
    saveProgress(tx, { ...run, step: 'done', counts });
    await emptyStaging(tx);
  });
  return counts;
}

/** Each set is written and taken back, so that the counts are those of the real thing but for what hangs on parties that are new. */
async function tryOut(ctx: ImportContext, options: ImportOptions, from: Import): Promise<Counts> {
  const does = await stepsOf(ctx, options);
  let counts = from.counts;
  for (const step of applied.filter((each) => each !== 'parents')) {
    for (let after: string | undefined = ''; after !== undefined; ) {
      options.signal.throwIfAborted();
      const result: Applied | undefined = await takenBack(ctx.db, (tx) => does.get(step)!(tx, after!));
      after = result?.through;
      if (result) counts = sum(counts, result.counts);
    }
  }
  return { ...counts, ...(await countLeftOut(ctx)) };
}

class TakenBack extends Error {}

async function takenBack<T>(db: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  let result: { readonly value: T } | undefined;
  try {
    await db.transaction(async (tx) => {
      result = { value: await work(tx) };
      throw new TakenBack();
    });
  } catch (error) {
    if (!(error instanceof TakenBack) || !result) throw error;
  }
  return result!.value;
}

async function countLeftOut({ db }: ImportContext): Promise<Counts> {
  const unknown = await listUnknownNames(db, { roles: await listRoleCodes(db), packages: [] });
  return { orphans: await countOrphans(db), rolesOfUnknownKind: await countRolesOf(db, unknown) };
}

function sum(one: Counts, other: Counts): Counts {
  const all = [...Object.entries(one), ...Object.entries(other)];
  return Object.fromEntries(
    [...Map.groupBy(all, ([name]) => name)].map(([name, values]) => [name, values.reduce((total, [, n]) => total + n, 0)]),
  );
}
