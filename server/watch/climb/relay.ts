import type { Tx } from '#kernel/database.ts';
import { hook } from '#kernel/hook.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';

/** A step of a ladder that is to go by paper or another channel. */
export interface RelayStep {
  /** Of the step: handing over the same again hands over nothing. */
  readonly id: string;
  readonly about: string;
  readonly party: PartyId;
  readonly sender: PartyId;
  readonly resource: ResourceId;
  readonly confidential: boolean;
  readonly at: Date;
}

/** `accepted`: it will go, and whoever took it settles the watch as `relayed` when it has gone. `refused`: why it cannot. */
export type RelayAnswer = { readonly kind: 'accepted' } | { readonly kind: 'refused'; readonly reason: string };

/**
 * Called in the transaction that takes the steps: what is accepted is a row by then, and nothing is sent before commit. Answers by the
 * step's id; one without an answer, or no relay at all, passes the step over as `no-relay`, and the sender is asked to decide.
 */
export const onRelay = hook<[Tx, readonly RelayStep[]], ReadonlyMap<string, RelayAnswer>>();
