import type { Reader, Tx } from '#kernel/database.ts';
import { awaitDecision } from './decide-step.ts';
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
