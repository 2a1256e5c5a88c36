import { listFallbacks, listGone, listKeyRoleHolders, type Openability } from '#access/index.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { type Addressee, findOrders, type StoredOrder, stepsWaiting } from '#notifications/index.ts';
import type { Cause } from '../causes/cause.ts';
import { readCauses } from '../causes/store.ts';
import { handBackLapsed } from '../sender/hand-back.ts';
import { hearersOf, readSenderReaders } from '../sender/sender-readers.ts';
import { listItems, type WatchItem } from '../store/item.ts';
import { findSecondContacts, type SecondContact } from '../store/second-contact.ts';
import { listSteps, listStepsToCome, type StepToCome, type WatchStep } from '../store/step.ts';
import { type StepSpec, type WatchKey, watchKey } from '../types.ts';
import { type Directory, readDirectory } from './addressees.ts';
import { readWaitingFiles, type WaitingFiles } from './bundle-files.ts';

/** Everything that taking the due steps of some watches asks about, read in a handful of statements. */
export interface Scene {
  readonly at: Date;
  readonly watches: readonly WatchScene[];
  readonly directory: Directory;
  readonly orders: ReadonlyMap<string, StoredOrder>;
  /** Who else hears of a sender's unread post, where it names somebody. */
  readonly secondContacts: ReadonlyMap<PartyId, SecondContact>;
  /** Who hears for each sender; none where nobody can be told. */
  readonly senderReaders: ReadonlyMap<PartyId, readonly Addressee[]>;
  /** Files that wait, by sender and recipient. */
  readonly waitingFiles: ReadonlyMap<string, WaitingFiles>;
}

export interface WatchScene {
  readonly item: WatchItem;
  readonly openability: Openability;
  readonly cause: Cause;
  /** Somebody may still act for the recipient: it lives, or what it was part of or went into does. */
  readonly receiverAlive: boolean;
  /** Who hears of it while nobody can open it nor let anybody in, where its resource names one. */
  readonly fallback: PartyId | null;
  /** Who leads the recipient; read only where a due step turns to them. */
  readonly keyRoles: readonly PartyId[];
  /** It has failed, and the notice that tells its sender waits to go. */
  readonly beingTold: boolean;
  /** Every step that is planned or was, in the order in which they fall due. */
  readonly steps: readonly WatchStep[];
  /** What of its ladder is not planned yet, in order. */
  readonly toCome: readonly StepToCome[];
}

export async function readScene(
  tx: Tx,
  keys: readonly WatchKey[],
  openability: ReadonlyMap<string, Openability>,
  at: Date,
): Promise<Scene> {
  // What does not hang on each other is asked at once: round trips are what a batch of a few steps takes.
  const [items, steps, toCome, causes] = await Promise.all([
    listItems(tx, keys).then((all) => handBackLapsed(tx, all)),
    listSteps(tx, keys),
    listStepsToCome(tx, keys),
    readCauses(tx, keys),
  ]);
  const found = items.map((item) => ({ item, openability: openability.get(watchKey(item))! }));
  const turnTo = (who: StepSpec['who']) => steps.filter((step) => step.state === 'due' && step.spec.who === who);
  const senders = turnTo('sender-fallback').length > 0 ? items.flatMap(hearersOf) : [];
  const [waitingFiles, orders, beingTold, fallbacks, keyRoles, secondContacts, gone] = await Promise.all([
    readWaitingFiles(tx, items),
    findOrders(tx, [...new Set(steps.flatMap((step) => step.orderId ?? []))]),
    stepsWaiting(
      tx,
      items.flatMap((item) => item.failureNoticeStep ?? []),
    ),
    listFallbacks(tx, [...new Set(items.map(({ resource }) => resource))]),
    listKeyRoleHolders(tx, [...new Set(turnTo('key-roles').map(({ party }) => party))]),
    findSecondContacts(tx, [...new Set(senders)]),
    listGone(tx, [...new Set(items.map(({ party }) => party))]),
  ]);
  const directory = await readDirectory(
    tx,
    found
      .flatMap(({ item, openability: { openers, grantors } }) => [
        item.party,
        ...hearersOf(item),
        ...(fallbacks.get(item.resource) ?? []),
        ...(keyRoles.get(item.party) ?? []),
        ...[...openers, ...grantors].map((one) => one.party),
      ])
      .concat([...orders.values()].flatMap(({ custom }) => custom.flatMap((one) => ('party' in one ? (one.party ?? []) : [])))),
  );
  const open = found.filter(({ item }) => !item.settledAt);
  const watches = open.map(({ item, openability: own }) => {
    const isMine = (step: WatchKey) => step.about === item.about && step.party === item.party;
    const mine = steps.filter(isMine);
    const receiverAlive = !gone.has(item.party);
    return {
      item,
      openability: own,
      fallback: fallbacks.get(item.resource)?.[0] ?? null,
      keyRoles: keyRoles.get(item.party) ?? [],
      beingTold: item.failureNoticeStep !== null && beingTold.has(item.failureNoticeStep),
      steps: mine,
      toCome: toCome.filter(isMine),
      cause: causes.get(watchKey(item))!,
      receiverAlive,
    };
  });
  const senderReaders = await readSenderReaders(tx, directory, [...new Set(items.flatMap(hearersOf))]);
  return { at, watches, directory, orders, secondContacts, senderReaders, waitingFiles };
}
