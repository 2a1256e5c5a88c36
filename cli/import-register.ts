import { resolve } from 'node:path';
import { runServerCommand } from './server-command.ts';
import { ToldError } from './told-error.ts';

/** As they were given on the command line. */
export interface ImportOptions {
  readonly units?: string;
  readonly subunits?: string;
  readonly roles?: string;
  readonly dryRun?: boolean;
  readonly acceptLoss?: boolean;
}

/** Hands the files to the server's own command. Gives its exit code. Refuses (ToldError) a call without any file. */
export async function importRegister({ units, subunits, roles, dryRun, acceptLoss }: ImportOptions): Promise<number> {
  const given = Object.entries({ units, subunits, roles }).filter(([, path]) => path !== undefined);
  if (given.length === 0) throw new ToldError('There is no file to read in: give --units, --subunits, --roles, or several of them.');
  const files = Object.fromEntries(given.map(([kind, path]) => [kind, resolve(path!)]));
  const request = { files, isDryRun: dryRun ?? false, acceptLoss: acceptLoss ?? false };
  return runServerCommand(['import-enhetsregisteret'], JSON.stringify(request));
}
