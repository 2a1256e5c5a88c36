import type { Blobs } from '#blobs/index.ts';
import type { Context } from '#kernel/context.ts';
import type { PrintHouse } from './house/print-house.ts';

export interface TellingContext extends Context {
  /** Where senders see what is unread. */
  readonly addresses: { readonly console: string };
}

export interface RelayContext extends TellingContext {
  readonly blobs: Blobs;
  /** Null where no print house is configured. */
  readonly printHouse: PrintHouse | null;
}
