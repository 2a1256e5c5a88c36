import { ConnectionLost, Refused, type Transfers } from '../../sdk/index.ts';
import { exitCodes } from './exit-codes.ts';
import { describeFetched, type FetchOptions as FetchOneOptions, fetchFile, NoDirectory } from './fetch.ts';
import type { Output } from './output.ts';
import { exitCodeOf, tell } from './run.ts';

export interface FetchOptions extends FetchOneOptions {
  readonly unfetched?: boolean;
  readonly resource?: string;
}

/** What has not been fetched, or with `confirm` not been confirmed: what broke off between the two is found again. Oldest first. */
export async function listToFetch(transfers: Transfers, { resource, confirm }: FetchOptions): Promise<string[]> {
  const which = confirm ? { unconfirmed: true } : { unfetched: true };
  const ids: string[] = [];
  for await (const { fileTransferId, fileTransferStatus } of transfers.follow({ role: 'recipient', ...which, resourceId: resource }))
    if (fileTransferStatus === 'Published') ids.push(fileTransferId);
  return ids;
}

/** One after another. What goes wrong with one is told, and the others are fetched all the same; the exit code is that of the first. */
export async function fetchAll(transfers: Transfers, ids: readonly string[], options: FetchOptions, output: Output): Promise<void> {
  for (const [i, id] of ids.entries()) {
    try {
      const fetched = await fetchFile(transfers, id, options, output);
      output.line(describeFetched(fetched));
      output.json(fetched);
    } catch (error) {
      if (concernsAll(error)) throw error;
      process.exitCode ??= exitCodeOf(error);
      tell(error as Error, output, ids.length > 1 ? { about: id, goesOn: i < ids.length - 1 } : undefined);
    }
  }
}

/** The next one would meet it too: no server, no token, no directory, no room. */
function concernsAll(error: unknown): boolean {
  if (error instanceof ConnectionLost || error instanceof NoDirectory) return true;
  if (error instanceof Refused) return [exitCodes.unauthenticated, exitCodes.unreachable].some((code) => code === exitCodeOf(error));
  return error instanceof Error && 'syscall' in error;
}
