import type { Reader, Tx } from '#kernel/database.ts';
import { composeNotices, planNotices } from '#notifications/index.ts';
import { readDirectory } from './addressees.ts';
import { awaitDecision } from './decide-step.ts';
import { readSenderReaders } from './sender-readers.ts';
import { settleWatch } from './settle-watch.ts';
import { saveNewSteps } from './store/begin.ts';
import { listItems, lockItems, refreshNextActions, type WatchItem } from './store/item.ts';
import type { WatchKey } from './types.ts';

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
 * It was posted, and has come back: its watch has ended as relayed, and nobody has read it. The sender hears by a mail of its own, at once;
 * what it does about it is its own.
 */
export async function noteReturned(
  tx: Tx,
  returned: readonly (WatchKey & { readonly shipment: string })[],
  means: { readonly at: Date; readonly console: string },
): Promise<void> {
  const items = (await listItems(tx, returned)).filter(({ outcome }) => outcome === 'relayed');
  if (items.length === 0) return;
  const directory = await readDirectory(
    tx,
    items.flatMap(({ party, sender }) => [party, sender]),
  );
  const readers = await readSenderReaders(tx, directory, [...new Set(items.map(({ sender }) => sender))]);
  const notices = items.flatMap((item) => {
    const { shipment } = returned.find(({ about, party }) => about === item.about && party === item.party)!;
    const nameOf = (id: WatchItem['party']) => directory.parties.get(id)?.name ?? '';
    const values = {
      ...{ senderName: nameOf(item.sender), recipientName: nameOf(item.party), confidential: item.confidential, dueAt: null },
      ...{ inboxAddress: means.console, consoleAddress: means.console },
    };
    const occasion = {
      about: null,
      step: shipment,
      purpose: 'paper-returned' as const,
      channel: 'preferred' as const,
      values,
      at: means.at,
    };
    return composeNotices(occasion, readers.get(item.sender) ?? []);
  });
  planNotices(tx, notices);
}
