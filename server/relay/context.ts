import type { Blobs } from '#blobs/index.ts';
import type { Context } from '#kernel/context.ts';
import type { PrintHouse } from './house/print-house.ts';

export interface RelayContext extends Context {
  readonly blobs: Blobs;
  /** Null where no print house is configured. */
  readonly printHouse: PrintHouse | null;
}
