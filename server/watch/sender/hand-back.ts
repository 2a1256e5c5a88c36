import { asItself, mayLookAfterEach } from '#access/index.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findParties, mostStandIns, type Party, standInOf } from '#register/index.ts';
import { type SentForAnother, saveHandedBack, type WatchItem } from '../store/item.ts';

/**
 * Watches as they are heard of from now on: where who has sent something on the service of another may look after it no more (the service
 * does not let it send any longer), it is its owner's to hear of, who alone can decide. Once handed back it stays so. Of one that is gone
 * it is asked whether who stands in for it may. Source: decision 062.
 */
export async function handBackLapsed(tx: Tx, items: readonly WatchItem[]): Promise<WatchItem[]> {
  const forAnother = items.filter((item): item is WatchItem & SentForAnother => item.sentBy !== null && item.settledAt === null);
  if (forAnother.length === 0) return [...items];
  const living = await livingFor(
    tx,
    forAnother.map(({ sentBy }) => sentBy),
  );
  const rights = await mayLookAfterEach(
    tx,
    forAnother.map(({ sentBy, resource, sender }) => {
      const { id, kind } = living.get(sentBy)!;
      return { caller: asItself(id, kind), question: { action: 'write', resource, party: sender } };
    }),
  );
  const lapsed = new Set<WatchItem>(forAnother.filter((_, i) => !rights[i]!.permit));
  saveHandedBack(tx, [...lapsed]);
  return items.map((item) => (lapsed.has(item) ? { ...item, sentBy: null } : item));
}

/** Each party, or who stands in for it where it is gone. */
async function livingFor(tx: Tx, ids: readonly PartyId[]): Promise<Map<PartyId, Party>> {
  const found = new Map<PartyId, Party>();
  let coming = [...new Set(ids)].map((id) => ({ id, at: id }));
  for (let step = 0; step <= mostStandIns && coming.length > 0; step++) {
    const parties = await findParties(
      tx,
      coming.map(({ at }) => at),
    );
    for (const { id, at } of coming) found.set(id, parties.get(at)!);
    coming = coming.flatMap(({ id }) => {
      const party = found.get(id)!;
      const heir = party.alive ? null : standInOf(party);
      return heir ? [{ id, at: heir }] : [];
    });
  }
  return found;
}
