import type { Openability } from '#access/index.ts';
import { publishEvents } from '#events/index.ts';
import type { Reader, Tx } from '#kernel/database.ts';
import { keepCauses, mayHaveCause } from '../causes/keep-causes.ts';
import { readDirectory } from '../climb/addressees.ts';
import { awaitDecision, tellExpiring, tellSenderAgain } from '../climb/decide-step.ts';
import { millisOf } from '../ladders/duration.ts';
import { isSealed, toStored } from '../openers/openability.ts';
import { changeOf, grantorsStep, recompute, tellsGrantors } from '../openers/reevaluate.ts';
import { handBackLapsed } from '../sender/hand-back.ts';
import { planDigests } from '../sender/sender-digest.ts';
import { hearerOf, hearersOf, readSenderReaders } from '../sender/sender-readers.ts';
import { noteDeletedUnread } from '../sender/tell-deleted.ts';
import { saveNewSteps } from '../store/begin.ts';
import { listItems, lockItems, refreshNextActions, saveReturned, type WatchItem } from '../store/item.ts';
import { listGoing, saveTold, saveUnheard } from '../store/told.ts';
import { type WatchKey, watchKey } from '../types.ts';
import { watchEvents } from '../watch-events.ts';
import { settleWatch } from './settle-watch.ts';

const isUnopened = ({ settledAt, openedAt }: WatchItem): boolean => settledAt === null && openedAt === null;

/** Which of these nobody has opened, nor anybody ended: for them paper still has a point. */
export async function listUnopened(reader: Reader, keys: readonly WatchKey[]): Promise<WatchKey[]> {
  return (await listItems(reader, keys)).filter(isUnopened).map(({ about, party }) => ({ about, party }));
}

/** Posted on paper: the watches end as relayed. What somebody has opened meanwhile goes on waiting for what it waits for. */
export async function noteRelayed(tx: Tx, keys: readonly WatchKey[], at: Date): Promise<void> {
  const unopened = (await lockItems(tx, keys)).filter(isUnopened);
  settleWatch(
    tx,
    unopened.map(({ about, party }) => ({ about, party, outcome: 'relayed', at })),
  );
}

/** Taken for paper, and it will not go after all: the sender is asked to decide, at once. */
export async function noteRelayFailed(tx: Tx, keys: readonly WatchKey[], at: Date): Promise<void> {
  const unopened = (await lockItems(tx, keys)).filter(isUnopened);
  saveNewSteps(
    tx,
    unopened.map(({ about, party }) => ({ about, party, spec: awaitDecision, source: 'policy', orderId: null, dueAt: at, rank: null })),
    at,
  );
  refreshNextActions(tx, unopened);
}

/**
 * It was posted, and has come back: its watch, which has ended as relayed, is taken up again. What somebody has opened, confirmed or deleted
 * here meanwhile ends as that, or waits for what is missing yet. The rest nobody has read: it is open until its sender has decided or
 * somebody opens it. Of that the sender hears in its mail of the day, and is asked again each week.
 */
export async function noteReturned(
  tx: Tx,
  returned: readonly WatchKey[],
  means: { readonly at: Date; readonly console: string },
): Promise<void> {
  const { at } = means;
  const relayed = (await lockItems(tx, returned)).filter(({ outcome }) => outcome === 'relayed');
  if (relayed.length === 0) return;
  saveReturned(tx, relayed, at);
  const found = await openUpAgain(
    tx,
    relayed.filter(({ endedSince }) => endedSince === null),
    at,
  );
  await goOn(
    tx,
    relayed.filter((item) => !isUnread(item)),
    at,
  );
  const items = await handBackLapsed(tx, relayed.filter(isUnread));
  if (items.length === 0) return;
  const directory = await readDirectory(
    tx,
    items.flatMap((item) => [item.party, ...hearersOf(item)]),
  );
  const readers = await readSenderReaders(tx, directory, [...new Set(items.flatMap(hearersOf))]);
  saveNewSteps(
    tx,
    items.map(({ about, party }) => ({
      ...{ about, party, spec: awaitDecision, source: 'policy' as const, orderId: null, rank: null },
      dueAt: new Date(at.getTime() + millisOf(awaitDecision.after)!),
    })),
    at,
  );
  refreshNextActions(tx, items);
  keepCauses(
    tx,
    items.filter(({ begunAt }) => mayHaveCause(begunAt, at)),
  );
  const heard = items.flatMap((item) => {
    const hearer = hearerOf(item, readers);
    return hearer === undefined ? [] : [{ item, hearer }];
  });
  saveTold(
    tx,
    heard.map(({ item: { about, party }, hearer }) => ({ about, party, hearer, isAsked: true, isFailure: false })),
    at,
  );
  saveUnheard(
    tx,
    items
      .filter((item) => hearerOf(item, readers) === undefined)
      .map(({ about, party }) => ({ about, party, unheard: 'sender-decision' as const })),
  );
  publishEvents(
    tx,
    items.flatMap((item) => {
      const { class: openability, openers, grantors } = toStored(found.get(watchKey(item))!);
      return watchEvents('decision-needed', item, directory.parties, at, { class: openability, openers, grantors, cause: 'returned' });
    }),
  );
  await planDigests(
    tx,
    heard.map(({ hearer }) => ({ sender: hearer, purpose: 'paper-returned', counted: null })),
    { directory, senderReaders: readers, addresses: { inbox: means.console, console: means.console } },
    { at },
  );
}

/** Of what went by paper. */
const isUnread = ({ openedAt, endedSince }: WatchItem): boolean => openedAt === null && endedSince === null;

/** What was read or deleted here before it came back from paper. */
async function goOn(tx: Tx, items: readonly WatchItem[], at: Date): Promise<void> {
  if (items.length === 0) return;
  saveNewSteps(
    tx,
    items.map(({ about, party }) => ({
      ...{ about, party, spec: tellSenderAgain, source: 'policy' as const, orderId: null, rank: null },
      dueAt: new Date(at.getTime() + millisOf(tellSenderAgain.after)!),
    })),
    at,
  );
  settleWatch(
    tx,
    items.flatMap(({ about, party, endedSince: outcome }) => (outcome === null ? [] : [{ about, party, outcome, at }])),
  );
  refreshNextActions(tx, items);
  keepCauses(
    tx,
    items.filter(({ begunAt, endedSince }) => endedSince === null && mayHaveCause(begunAt, at)),
  );
  await noteDeletedUnread(
    tx,
    items.filter(({ endedSince }) => endedSince === 'deleted-by-recipient'),
    at,
  );
}

/**
 * Who could let somebody in is not kept of what has ended: it is asked anew, so that those who could see the letter among sealed post again,
 * and they are told that it still lies there. The sender hears of bytes whose time was over meanwhile.
 */
async function openUpAgain(tx: Tx, items: readonly WatchItem[], at: Date): Promise<Map<string, Openability>> {
  const found = await recompute(tx, items, at, 'last change');
  const sealed = items.filter((item) => {
    const now = found.get(watchKey(item))!;
    return isSealed(now) && now.grantors.length > 0 && !tellsGrantors(changeOf(item, toStored(now)));
  });
  const going = await listGoing(tx, items, at);
  const telling = going.map((key) => ({ ...key, spec: tellExpiring, source: 'policy' as const, orderId: null, dueAt: at, rank: null }));
  saveNewSteps(tx, [...sealed.map((item) => grantorsStep(item, at)), ...telling], at);
  return found;
}
