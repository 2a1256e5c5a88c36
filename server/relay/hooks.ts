import type { Tx } from '#kernel/database.ts';
import { hook } from '#kernel/hook.ts';
import type { PartyId } from '#kernel/ids.ts';

/**
 * Called in the transaction that finds it: so many letters go by paper, though their sender has taken them back or let them lie. Who hears: the
 * first of these that can be told.
 */
export const onNotStopped =
  hook<
    [Tx, readonly { readonly hearers: readonly PartyId[]; readonly letters: number }[], { readonly at: Date; readonly console: string }]
  >();
