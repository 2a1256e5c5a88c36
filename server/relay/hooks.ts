import type { Tx } from '#kernel/database.ts';
import { hook } from '#kernel/hook.ts';
import type { PartyId } from '#kernel/ids.ts';

/** Called in the transaction that finds it: so many letters go by paper, though this party has taken them back or let them lie. */
export const onNotStopped =
  hook<[Tx, readonly { readonly hearer: PartyId; readonly letters: number }[], { readonly at: Date; readonly console: string }]>();
