import { publishEvents } from '#events/index.ts';
import { type Actor, listEvidence, recordEvidence } from '#evidence/index.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties } from '#register/index.ts';
import { watchErrors } from '../errors.ts';
import { settleWatch } from '../progress/settle-watch.ts';
import type { Outcome } from '../states.ts';
import { lockItems, type WatchItem } from '../store/item.ts';
import type { WatchKey } from '../types.ts';
import { watchEvents } from '../watch-events.ts';
import { hearersOf } from './sender-readers.ts';

/** What a sender may decide of post that lies unread, and how its watch ends by it. */
export const senderDecisions = {
  recall: 'recalled',
  'accept-as-unread': 'accepted-unread',
  'read-elsewhere': 'read-elsewhere',
} as const satisfies Record<string, Outcome>;

/** The sender's word: what, and the name and the reason of whoever decided. */
export interface SenderDecision {
  readonly decision: keyof typeof senderDecisions;
  readonly name: string;
  readonly reason: string;
  /** Of what was read elsewhere: where, and by what it is known. */
  readonly source?: string;
}

export interface Decided extends SenderDecision {
  readonly watch: WatchItem;
  /** The sender's party, as the caller acts for it. */
  readonly by: PartyId;
  readonly actor: Actor;
  readonly at: Date;
}

/**
 * Whether the sender may decide so now. Locks the watch, so that an opening and a decision, or two decisions, come one after
 * the other. `repeat`: this very decision stands already, and nothing is to be done.
 *
 * Refuses decidedOtherwise, alreadyOpened, alreadyEnded, notPublished.
 */
export async function weighDecision(
  tx: Tx,
  key: WatchKey,
  wish: SenderDecision,
): Promise<{ readonly kind: 'new' | 'repeat'; readonly watch: WatchItem }> {
  const [watch] = await lockItems(tx, [key]);
  if (!watch) throw new Error(`there is no watch on ${key.about}`);
  const kind = decideDecision(watch, wish);
  if (kind === 'repeat' && wish.decision === 'read-elsewhere') {
    const source = await sourceOf(tx, key);
    if (source !== undefined && source !== wish.source) throw refuse(watchErrors.decidedOtherwise);
  }
  return { kind, watch };
}

/** Where it was read, as its sender has said; it is evidence, and nowhere else. */
async function sourceOf(tx: Tx, { about, party }: WatchKey): Promise<string | undefined> {
  const said = (await listEvidence(tx, [about])).find(({ event, recipient }) => event === 'ReadElsewhere' && recipient === party);
  return said?.who.source as string | undefined;
}

type Standing = Pick<
  WatchItem,
  'isFile' | 'publishedAt' | 'openedAt' | 'failedAt' | 'settledAt' | 'outcome' | 'settledName' | 'settledReason'
>;

/**
 * Pure. What has failed can be let lie; what is merely not published yet would come unread and unwatched, and is taken back instead. What has
 * been opened is not taken back any more; where a confirmation never comes, or an attachment that nobody can open, it can be let be.
 */
export function decideDecision(watch: Standing, { decision, name, reason }: SenderDecision): 'new' | 'repeat' {
  if (watch.settledName !== null) {
    const same = watch.outcome === senderDecisions[decision] && watch.settledName === name && watch.settledReason === reason;
    if (same) return 'repeat';
    throw refuse(watchErrors.decidedOtherwise);
  }
  if (watch.settledAt) throw refuse(watchErrors.alreadyEnded, { outcome: watch.outcome });
  // Of a file that was fetched the sender still waits for the word that it arrived.
  if (watch.openedAt && !watch.isFile && decision !== 'accept-as-unread') throw refuse(watchErrors.alreadyOpened);
  if (decision !== 'recall' && !watch.publishedAt && !watch.failedAt) throw refuse(watchErrors.notPublished);
  return 'new';
}

/**
 * Ends a watch by its sender's decision, for a watch that `weighDecision` has locked. That a message is recalled is recorded by
 * whoever takes it back; that it was read elsewhere, or will stay unread, is recorded here. Source: compatibility.md, evidence, §1.5 rows 23, 25.
 */
export async function settleByDecision(tx: Tx, { watch, decision, name, reason, source, by, actor, at }: Decided): Promise<void> {
  const { about, party } = watch;
  const senders = await findParties(tx, hearersOf(watch));
  if (decision === 'accept-as-unread') {
    recordEvidence(tx, [
      {
        event: 'AcceptedUnread',
        about,
        recipient: party,
        at,
        proves: 'closed-by-sender',
        core: { class: watch.class, failed: watch.failedAt !== null, [watch.isFile ? 'fetched' : 'opened']: watch.openedAt !== null },
        who: { ...actor, name, reason },
      },
    ]);
  }
  if (decision === 'read-elsewhere') {
    recordEvidence(tx, [
      {
        event: 'ReadElsewhere',
        about,
        recipient: party,
        at,
        proves: 'reported-opened',
        core: { class: watch.class },
        who: { ...actor, name, reason, ...(source ? { source } : {}) },
      },
    ]);
  }
  settleWatch(tx, [{ about, party, outcome: senderDecisions[decision], at, by, name, reason }]);
  const { class: openability, openers, grantors } = watch;
  publishEvents(tx, watchEvents('decided', watch, senders, at, { class: openability, openers, grantors, decision }));
}
