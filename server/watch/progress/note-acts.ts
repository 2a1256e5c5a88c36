import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { cancelNotices, cancelNoticesOf, type Purpose } from '#notifications/index.ts';
import { keepCauses, mayHaveCause } from '../causes/keep-causes.ts';
import { recompute } from '../openers/reevaluate.ts';
import { endedUnopened, lockItems, saveActs, saveEndedSince, saveFetchedBySystem, type WatchItem } from '../store/item.ts';
import { saveAwaited } from '../store/openability.ts';
import { fetchedBundles } from '../store/step.ts';
import { type WatchKey, watchKey } from '../types.ts';
import { noteUse } from './note-use.ts';
import { settleWatch } from './settle-watch.ts';

/** A reader with a right for the recipient was handed the body. Never called for the sender's own look. */
export interface Opening {
  readonly about: string;
  readonly party: PartyId;
  readonly at: Date;
  /** Who opened. */
  readonly by: PartyId | null;
  readonly kind: 'person' | 'system';
  /** Of a system's: it has taken what waits for a person all the same. */
  readonly awaitsPerson?: boolean;
}

export interface Confirmation {
  readonly about: string;
  readonly party: PartyId;
  readonly at: Date;
  readonly by: PartyId | null;
}

export type Progress = 'settled' | 'still-open' | 'was-settled';

/**
 * Somebody opened for the recipient. Closes the watch for the party as opened, or as handed over when a system took it;
 * where confirmation is asked, or an attachment has no opener, it is marked and stays open. Reminders die in this
 * transaction when it closes. The watch is locked; opening again changes nothing once it is settled. What a system takes that waits for
 * a person opens nothing, and is kept for the sender to see.
 */
export function noteOpened(tx: Tx, openings: readonly Opening[]): Promise<Progress[]> {
  return note(
    tx,
    openings.map((opening) => ({ ...opening, act: actOf(opening) })),
  );
}

/** Pure. */
export function actOf({ kind, awaitsPerson }: Pick<Opening, 'kind' | 'awaitsPerson'>): 'opened' | 'handed-over' | 'fetched' {
  if (kind === 'person') return 'opened';
  return awaitsPerson ? 'fetched' : 'handed-over';
}

/**
 * Somebody confirmed for the recipient. Closes the watch when somebody has opened as well: what was confirmed unseen is
 * still unread, and closes at its opening. An attachment without an opener keeps it open.
 */
export function noteConfirmed(tx: Tx, confirmations: readonly Confirmation[]): Promise<Progress[]> {
  return note(
    tx,
    confirmations.map((confirmation) => ({ ...confirmation, act: 'confirmed' })),
  );
}

interface Act extends Confirmation {
  readonly act: 'opened' | 'handed-over' | 'fetched' | 'confirmed';
}

async function note(tx: Tx, all: readonly Act[]): Promise<Progress[]> {
  if (all.length === 0) return [];
  const progress = new Map([...(await noteFetched(tx, all)), ...(await noteActs(tx, all.filter(isOfReader)))]);
  return all.map((act) => progress.get(act)!);
}

/** Of those acts that are fetches: nothing is opened by them, nor ended. All watches are locked at once, in the one order of locks. */
async function noteFetched(tx: Tx, all: readonly Act[]): Promise<[Act, Progress][]> {
  const fetched = all.filter(({ act }) => act === 'fetched');
  if (fetched.length === 0) return [];
  const items = new Map((await lockItems(tx, all)).map((item) => [watchKey(item), item]));
  saveFetchedBySystem(tx, fetched);
  return fetched.map((act) => {
    const item = items.get(watchKey(act));
    if (!item) throw new Error(`there is no watch on ${act.about}`);
    return [act, item.settledAt ? 'was-settled' : 'still-open'];
  });
}

type ReaderAct = Act & { readonly act: Exclude<Act['act'], 'fetched'> };
const isOfReader = (act: Act): act is ReaderAct => act.act !== 'fetched';

async function noteActs(tx: Tx, acts: readonly ReaderAct[]): Promise<[Act, Progress][]> {
  if (acts.length === 0) return [];
  const { items, lockedParts } = await lockForAct(tx, acts);
  const decided = acts.map((act) => {
    const item = items.find((each) => each.about === act.about && each.party === act.party);
    if (!item) throw new Error(`there is no watch on ${act.about}`);
    return { act, item, decision: decideAct(item, act.act) };
  });
  const open = decided.filter(({ decision }) => decision.kind !== 'was-settled');
  const onPaper = decided.filter(({ item }) => item.outcome === 'relayed');
  const late = decided.filter(({ item }) => endedUnopened.some((outcome) => outcome === item.outcome));
  saveActs(
    tx,
    [...open.filter(({ decision }) => decision.kind === 'still-open'), ...late].map(({ act }) => ({ ...act, ...timesOf(act) })),
  );
  const isOpening = ({ act, decision }: (typeof decided)[number]) => decision.kind === 'still-open' && act.act !== 'confirmed';
  saveAwaited(
    tx,
    decided.filter(isOpening).flatMap(({ act }) => lockedParts(act)),
  );
  callOffNewsOf(
    tx,
    open
      .filter(({ item, decision, act }) => item.isFile && decision.kind === 'still-open' && act.act !== 'confirmed')
      .map(({ act }) => act),
  );
  saveEndedSince(tx, onPaper.flatMap(endedSince));
  settleWatch(tx, decided.flatMap(settlement));
  noteUse(
    tx,
    open.flatMap(({ act, item: { isFile } }) => (act.act === 'opened' && act.by !== null ? [{ ...act, by: act.by, isFile }] : [])),
  );
  keepCauses(
    tx,
    decided.filter(({ decision, item, act }) => decision.kind === 'still-open' && mayHaveCause(item.begunAt, act.at)).map(({ act }) => act),
  );
  return decided.map(({ act, decision }) => [act, decision.kind]);
}

/**
 * Locks the watches. What is known of a locked attachment may be a moment old, since a change of access passes by what somebody holds: whoever
 * was let in just before would have opened all of it, and be told of it as unopened. With the parts that are locked.
 */
async function lockForAct(tx: Tx, acts: readonly Act[]): Promise<Locked> {
  const items = await lockItems(tx, acts);
  const locked = items.filter(({ settledAt, attachmentLocked }) => !settledAt && attachmentLocked);
  if (locked.length === 0) return { items, lockedParts: () => [] };
  const found = await recompute(tx, locked, acts[0]!.at, 'last change');
  return {
    items: await lockItems(tx, acts),
    lockedParts: ({ about, party }) =>
      (found.get(watchKey({ about, party }))?.lockedNeeds ?? []).flatMap(({ instance }) => (instance ? [{ about, party, instance }] : [])),
  };
}

/** That a file has come, or is not fetched, is no news any more to whoever was to hear of it in the morning. */
function callOffNewsOf(tx: Tx, fetched: readonly WatchKey[]): void {
  if (fetched.length === 0) return;
  cancelNotices(tx, fetched, untilFetched);
  cancelNoticesOf(tx, fetchedBundles(fetched), untilFetched);
}

/** In which words somebody hears that a file is to be fetched. */
export const untilFetched: readonly Purpose[] = ['new-file', 'file-reminder'];

interface Locked {
  readonly items: readonly WatchItem[];
  readonly lockedParts: (of: WatchKey) => (WatchKey & { readonly instance: string })[];
}

function settlement({ act, item, decision }: { readonly act: ReaderAct; readonly item: WatchItem; readonly decision: ActDecision }) {
  if (decision.kind !== 'settled') return [];
  return [{ ...act, ...timesOf(act), outcome: decision.outcome, isFile: item.isFile }];
}

const timesOf = ({ act, at }: ReaderAct) => ({ openedAt: act === 'confirmed' ? null : at, confirmedAt: act === 'confirmed' ? at : null });

/** Of what went by paper: as what it ends, should it come back. */
function endedSince({ act: { about, party, act }, item }: { readonly act: ReaderAct; readonly item: WatchItem }) {
  const decision = decideAct({ ...item, settledAt: null }, act);
  return decision.kind === 'settled' && item.endedSince === null ? [{ about, party, outcome: decision.outcome }] : [];
}

export type ActDecision =
  | { readonly kind: 'settled'; readonly outcome: 'opened' | 'handed-over' | 'confirmed' }
  | { readonly kind: 'still-open' }
  | { readonly kind: 'was-settled' };

/** Pure. What an act of the recipient means for its watch. */
export function decideAct(
  item: Pick<WatchItem, 'settledAt' | 'openedAt' | 'confirmNeeded' | 'confirmedAt' | 'attachmentLocked'>,
  act: ReaderAct['act'],
): ActDecision {
  if (item.settledAt) return { kind: 'was-settled' };
  if (item.attachmentLocked) return { kind: 'still-open' };
  if (act === 'confirmed' && !item.openedAt) return { kind: 'still-open' };
  if (act === 'confirmed' || item.confirmedAt) return { kind: 'settled', outcome: 'confirmed' };
  return item.confirmNeeded ? { kind: 'still-open' } : { kind: 'settled', outcome: act };
}
