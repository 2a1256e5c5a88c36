import { mayLookAfterEach } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
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
    forAnother.map(({ sentBy, resource, sender }) => ({
      caller: itself(living.get(sentBy)),
      question: { action: 'write', resource, party: sender },
    })),
  );
  // A level of login that is missing is nobody's fault here: nobody logs in.
  const lapsed = new Set<WatchItem>(forAnother.filter((_, i) => !rights[i]!.permit && rights[i]!.minimumLevel === undefined));
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

/** A sender as its own client: what it may, it may by its own right, and by no scope. */
const itself = (party: Party | undefined): Caller => ({
  kind: party?.kind ?? 'anonymous',
  issuer: 'altinn',
  subject: party?.id ?? null,
  party: party?.id ?? null,
  consumer: party?.kind === 'organization' ? party.id : null,
  scopes: new Set(),
  authLevel: 4,
  clientId: null,
});
