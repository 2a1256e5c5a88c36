import { type Addresses, findAddresses } from '#enhetsregister/index.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findParties } from '#register/index.ts';
import { listPostalAddresses } from './store.ts';

/**
 * Where these parties get letters, their names first: what was said here, else what the Register of Legal Entities says, the postal
 * address before the one of business. A party that nobody knows an address of is left out.
 */
export async function findPostalAddresses(reader: Reader, ids: readonly PartyId[]): Promise<Map<PartyId, string[]>> {
  const parties = [...(await findParties(reader, ids)).values()];
  const said = await listPostalAddresses(reader, ids);
  const numbers = parties.flatMap(({ kind, number }) => (kind === 'organization' && number !== null ? [number] : []));
  const registered = numbers.length === 0 ? new Map<string, Addresses>() : await findAddresses(reader, numbers);
  const found = new Map<PartyId, string[]>();
  for (const { id, name, number } of parties) {
    const lines = said.get(id) ?? linesOf(registered.get(number ?? ''));
    if (lines) found.set(id, [name, ...lines]);
  }
  return found;
}

/** Pure. Undefined where a letter would not arrive: without a place. */
export function linesOf({ postal, business }: Partial<Addresses> = {}): string[] | undefined {
  const address = [postal, business].find((each) => each?.postalCode && each.place);
  if (!address) return undefined;
  const abroad = address.country !== null && address.country !== 'NO' ? [address.country] : [];
  return [...address.lines.slice(0, 4), `${address.postalCode} ${address.place}`, ...abroad];
}
