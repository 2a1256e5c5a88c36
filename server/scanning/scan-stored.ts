import type { Blobs } from '#blobs/index.ts';
import type { Context } from '#kernel/context.ts';
import type { BlobKey } from '#kernel/ids.ts';
import { CannotTell, type Scanner, type ScanResult } from './scanner.ts';

/** What is known of a file in the end. `unknown`: what the scanner said each time that it could not tell. */
export type SettledScan = ScanResult | { readonly unknown: string };

/**
 * Has the scanner look through stored bytes. Throws when it cannot tell, so that its job is tried again; at the last attempt a file of
 * which the scanner says so is settled as unknown, with an alarm in the log. One that no scanner was there for is never settled.
 */
export async function scanStored(
  ctx: Context & { readonly blobs: Blobs; readonly scanner: Scanner },
  file: { readonly about: string; readonly blobKey: BlobKey },
  { isLast = false }: { readonly isLast?: boolean } = {},
): Promise<SettledScan> {
  const bytes = await ctx.blobs.read(file.blobKey);
  return ctx.scanner
    .scan(bytes)
    .catch((error: unknown): SettledScan => {
      if (!isLast || !(error instanceof CannotTell)) throw error;
      ctx.log.error({ file: file.about, said: error.message }, 'a file was failed: the scanner could not tell of it in any attempt');
      return { unknown: error.message };
    })
    .finally(() => bytes.destroy());
}
