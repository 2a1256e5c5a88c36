import type { Caller, Context } from '#kernel/context.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findParties, listOwnAddresses, type OwnAddress, type Party, type QuietHours, quietHoursOf } from '#register/index.ts';
import { listWaiting } from './store/proof.ts';
import { keeperOf, partyKeptBy } from './whose.ts';
import type { ContactAddress, ContactAddresses } from './wire.ts';

/** Where a party is told that there is post, how old that is, and when it wants to be left in peace. Refuses personsOnly, partyNotYours. */
export function showAddresses(ctx: Context, caller: Caller, id: PartyId): Promise<ContactAddresses> {
  const person = keeperOf(caller);
  return ctx.db.transaction(async (tx) => viewOf(tx, await partyKeptBy(tx, person, id)));
}

export async function viewOf(reader: Reader, party: Party): Promise<ContactAddresses> {
  const addresses = await listOwnAddresses(reader, party.id);
  const waiting = await listWaiting(reader, party.id);
  const hours = (await quietHoursOf(reader, [party.id])).get(party.id);
  const names = await namesOf(reader, addresses);
  return {
    party: { id: party.id, name: party.name, kind: party.kind === 'person' ? 'person' : 'organization', reserved: party.reserved },
    addresses: addresses.map((address) => showAddress(address, names)),
    waiting: waiting.map(({ id, channel, address, point, expiresAt }) => ({
      ...{ id, channel, address, confirms: point },
      expiresAt: expiresAt.toISOString(),
    })),
    quietHours: hours ? showHours(hours) : null,
  };
}

export function namesOf(reader: Reader, addresses: readonly OwnAddress[]): Promise<ReadonlyMap<PartyId, Party>> {
  return findParties(reader, [...new Set(addresses.flatMap(({ at }) => at ?? []))]);
}

export function showAddress(own: OwnAddress, names: ReadonlyMap<PartyId, Party>): ContactAddress {
  const { id, channel, address, source, at, resources, freshAt, staleAt, isStale } = own;
  return {
    ...{ id, channel, address, source },
    at: at === null ? null : { id: at, name: names.get(at)?.name ?? '', resources: resources === null ? null : [...resources] },
    confirmedAt: freshAt.toISOString(),
    staleAt: staleAt.toISOString(),
    stale: isStale,
  };
}

function showHours({ from, to }: QuietHours): { from: string; to: string } {
  const clock = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  return { from: clock(from), to: clock(to) };
}
