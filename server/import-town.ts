import { readFileSync } from 'node:fs';
import { onAccessChanged, onPolicyChanged, seedAccess } from './access/index.ts';
import type { Mode } from './config.ts';
import type { Context } from './kernel/context.ts';
import { Refusal } from './kernel/refusal.ts';
import { StartError } from './kernel/start-error.ts';
import { loadTown, type TownSummary } from './sandbox/index.ts';
import { reevaluate, reevaluatePolicies } from './watch/index.ts';

/**
 * Loads a town document straight into the database, for an operator on the server's machine: who exists, who holds which role,
 * which resources there are. Servers may run; they go by it at once. Gives a table of what changed.
 *
 * Refuses (StartError, with nothing written) what cannot be read, what `loadTown` refuses, and clients in production, whose
 * tokens are of other issuers.
 */
export async function importTown(ctx: Context, document: unknown, mode: Mode): Promise<string> {
  const { clients } = (document ?? {}) as { clients?: unknown };
  if (mode === 'production' && Array.isArray(clients) && clients.length > 0)
    throw new StartError('In production clients are registered with the issuers that BUDSTIKKE_ISSUERS names. Take "clients" out.');
  onAccessChanged.fill(reevaluate);
  onPolicyChanged.fill(reevaluatePolicies);
  await seedAccess(ctx);
  try {
    return table(await loadTown(ctx, document));
  } catch (error) {
    if (error instanceof Refusal) throw new StartError(`${error.message}\nNothing was written.`);
    throw error;
  }
}

/** The document of a file. Refuses (StartError) one that is not there, cannot be read or is no JSON. */
export function readTownFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw new StartError(`${file} is not JSON: ${error.message}`);
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(code === 'ENOENT' ? `There is no file ${file}.` : `${file} cannot be read (${code}).`);
  }
}

function table(summary: TownSummary): string {
  const rows = Object.entries(summary).map(([list, { created, updated, unchanged }]) => [list, created, updated, unchanged]);
  return [['', 'created', 'updated', 'unchanged'], ...rows]
    .map(([list, ...counts]) => `${String(list).padEnd(18)}${counts.map((count) => String(count).padStart(11)).join('')}`)
    .join('\n');
}
