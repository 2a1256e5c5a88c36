import { type Answer, answered } from '#db/index.ts';
import { publishEvents } from '#events/index.ts';
import { type Actor, type EvidenceRow, listEvidence, recordEvidence } from '#evidence/index.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties } from '#register/index.ts';
import { watchErrors } from '../errors.ts';
import { asIfHeard } from '../progress/despite-watch.ts';
import { settleWatch } from '../progress/settle-watch.ts';
import type { Outcome } from '../states.ts';
import { lockItems, type WatchItem } from '../store/item.ts';
import { listOwedTo } from '../store/left-out.ts';
import { type WatchKey, watchKey } from '../types.ts';
import { watchEvents } from '../watch-events.ts';
import { missingWatch } from './missing-watch.ts';
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
  /** Of the evidence that is recorded here, where somebody asks for it again. */
  readonly evidenceId?: string;
}

/** A watch that is locked, and what the decision is to it. `repeat`: this very decision stands already, and nothing is to be done. */
export interface Weighed {
  readonly kind: 'new' | 'repeat';
  readonly watch: WatchItem;
}

/**
 * Whether the sender may decide so now. Locks the watch, so that an opening and a decision, or two decisions, come one after
 * the other. Refuses decidedOtherwise, alreadyOpened, alreadyEnded, notPublished, watchMissing.
 */
export async function weighDecision(tx: Tx, key: WatchKey, wish: SenderDecision, openingSince: Date | null = null): Promise<Weighed> {
  const [weighed] = await weighDecisions(tx, [{ key, wish, openingSince }]);
  if ('refusal' in weighed!) throw weighed.refusal;
  return weighed!.value;
}

/**
 * The same of several watches, each with its own answer, in the order asked. What a reader has done, and its watch could not take up, is done:
 * they are weighed as if they had heard of it. What is on its way to a reader (`openingSince`) counts against taking it back as if it were opened.
 */
export async function weighDecisions(
  tx: Tx,
  asked: readonly { readonly key: WatchKey; readonly wish: SenderDecision; readonly openingSince?: Date | null }[],
): Promise<Answer<Weighed>[]> {
  const keys = asked.map(({ key }) => key);
  const [items, owed] = await Promise.all([lockItems(tx, keys), listOwedTo(tx, keys)]); // sent behind it, and read when they are locked
  const owedTo = Map.groupBy(owed, watchKey);
  const watches = new Map(items.map((item) => [watchKey(item), asIfHeard(item, owedTo.get(watchKey(item)) ?? [])]));
  const weighed = asked.map(({ key, wish, openingSince }) =>
    answered((): Weighed => {
      const watch = watches.get(watchKey(key));
      if (!watch) throw missingWatch(key);
      return { kind: decideDecision({ ...watch, openedAt: watch.openedAt ?? openingSince ?? null }, wish), watch };
    }),
  );
  return Promise.all(weighed.map((answer, i) => (isSaidAgain(answer, asked[i]!.wish) ? sameSource(tx, answer, asked[i]!.wish) : answer)));
}

const isSaidAgain = (answer: Answer<Weighed>, { decision }: SenderDecision): answer is { readonly value: Weighed } =>
  'value' in answer && answer.value.kind === 'repeat' && decision === 'read-elsewhere';

/** Where it was read, as its sender has said, is evidence, and nowhere else. */
async function sameSource(tx: Tx, answer: { readonly value: Weighed }, { source }: SenderDecision): Promise<Answer<Weighed>> {
  const { about, party } = answer.value.watch;
  const said = (await listEvidence(tx, [about])).find(({ event, recipient }) => event === 'ReadElsewhere' && recipient === party);
  const before = said?.who.source;
  return before === undefined || before === source ? answer : { refusal: refuse(watchErrors.decidedOtherwise) };
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
 * Ends watches by their senders' decisions, for watches that `weighDecisions` has locked. That a message is recalled is recorded by
 * whoever takes it back; that it was read elsewhere, or will stay unread, is recorded here. Source: compatibility.md, evidence, §1.5 rows 23, 25.
 */
export async function settleByDecisions(tx: Tx, decided: readonly Decided[], at: Date): Promise<void> {
  if (decided.length === 0) return;
  const senders = await findParties(tx, [...new Set(decided.flatMap(({ watch }) => hearersOf(watch)))]);
  recordEvidence(
    tx,
    decided.flatMap((one) => evidenceOf(one, at)),
  );
  settleWatch(
    tx,
    decided.map(({ watch: { about, party, openedAt }, decision, by, name, reason }) => ({
      ...{ about, party, openedAt, outcome: senderDecisions[decision], at, by, name, reason },
    })),
  );
  publishEvents(
    tx,
    decided.flatMap(({ watch, decision }) => {
      const { class: openability, openers, grantors } = watch;
      return watchEvents('decided', watch, senders, at, { class: openability, openers, grantors, decision });
    }),
  );
}

function evidenceOf({ watch, decision, name, reason, source, actor, evidenceId }: Decided, at: Date): EvidenceRow[] {
  const common = { ...(evidenceId ? { id: evidenceId } : {}), about: watch.about, recipient: watch.party, at };
  if (decision === 'accept-as-unread') {
    const done = { [watch.isFile ? 'fetched' : 'opened']: watch.openedAt !== null };
    const core = { class: watch.class, failed: watch.failedAt !== null, ...done };
    return [{ ...common, event: 'AcceptedUnread', proves: 'closed-by-sender', core, who: { ...actor, name, reason } }];
  }
  if (decision !== 'read-elsewhere') return [];
  const who = { ...actor, name, reason, ...(source ? { source } : {}) };
  return [{ ...common, event: 'ReadElsewhere', proves: 'reported-opened', core: { class: watch.class }, who }];
}
