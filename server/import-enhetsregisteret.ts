import { onAccessChanged, seedAccess } from './access/index.ts';
import { createClock, createCopying, createDatabase } from './db/index.ts';
import { createProgress, type Files, importRegister, sayCounts } from './enhetsregister/index.ts';
import type { Log } from './kernel/log.ts';
import { StartError } from './kernel/start-error.ts';
import { reevaluate } from './watch/index.ts';

interface ImportRequest {
  readonly files: Files;
  readonly isDryRun: boolean;
  readonly acceptLoss: boolean;
}

/** What the command line handed over. Refuses (StartError) what is no such request. */
export function readImportRequest({ files, isDryRun, acceptLoss }: Readonly<Record<string, unknown>>): ImportRequest {
  const { units, subunits, roles } = Object(files) as Record<string, unknown>;
  const given = Object.entries({ units, subunits, roles }).filter(([, path]) => path !== undefined);
  if (given.length === 0 || given.some(([, path]) => typeof path !== 'string'))
    throw new StartError('What came on the input names no files. Use `budstikke import enhetsregisteret`.');
  return { files: Object.fromEntries(given), isDryRun: isDryRun === true, acceptLoss: acceptLoss === true };
}

/** Reads the register into a database that is up to date, and says what came of it. Watches whose parties have changed look again at once. */
export async function importRegisterAt(url: string, request: ImportRequest, log: Log, signal: AbortSignal): Promise<string> {
  const db = createDatabase({ url, maxConnections: 4, applicationName: 'budstikke import' });
  const copying = createCopying({ url, maxConnections: 1, applicationName: 'budstikke import copy' });
  try {
    const clock = createClock(db);
    await clock.refresh();
    const ctx = { db, copying, now: clock.now, log };
    await seedAccess(ctx);
    onAccessChanged.fill(reevaluate);
    const counts = await importRegister(ctx, { ...request, progress: createProgress(process.stderr), signal });
    return sayCounts(counts, request.isDryRun);
  } finally {
    await copying.close();
    await db.close();
  }
}
