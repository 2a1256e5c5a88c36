import { createHash } from 'node:crypto';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParties, type Party } from '#register/index.ts';
import { accessErrors } from '../errors.ts';
import type { CompactEntity } from './wire.ts';

const types = { person: 'Person', organization: 'Organisasjon', 'system-user': 'Systembruker' } as const;

/** A party as the original shows one among connections. Numbers of persons are left out: whoever sees the list knows them or need not. */
export function entityOf(party: Party): CompactEntity {
  return {
    id: party.id,
    name: party.name,
    type: types[party.kind],
    variant: party.unitType,
    partyId: party.partyId,
    organizationIdentifier: party.kind === 'organization' ? party.number : null,
    parent: party.parentId,
    isDeleted: !party.alive,
  };
}

/** Shows parties by id; whoever was asked for must be there. */
export async function entitiesOf(reader: Reader, ids: readonly PartyId[]): Promise<(id: PartyId) => CompactEntity> {
  const parties = await findParties(reader, [...new Set(ids)]);
  return (id) => entityOf(parties.get(id)!);
}

/** A connection has no row of its own: its id follows from its ends, so that it is the same whenever it is shown. */
export function connectionId(from: PartyId, to: PartyId): string {
  const digest = createHash('sha256').update(`${from} ${to}`).digest('hex');
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}

/** The name of one message in the original's words. */
export const instanceUrn = (id: string) => `urn:altinn:correspondence-id:${id}`;

/** What a right of a resource is called where rights are given one by one. */
export const rightKey = (resource: string, action: string) => `urn:altinn:resource:${resource}:${action}`;

/** Where a list goes on, in its own order: what `placeIn` reads. */
export function tokenAt(place: readonly (string | null)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** The last place that was seen, in as many words as the list's order has. Refuses pageTokenUnreadable. */
export function placeIn(token: string | null | undefined, isPlace: (words: readonly unknown[]) => boolean): string[] | null {
  if (!token) return null;
  const words = parsed(Buffer.from(token, 'base64url').toString());
  if (!Array.isArray(words) || !words.every((word) => typeof word === 'string') || !isPlace(words))
    throw refuse(accessErrors.pageTokenUnreadable);
  return words;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Pure. Whether words are so many codes and then so many ids. */
export function isPlaceOf(codes: number, ids: number): (words: readonly unknown[]) => boolean {
  return (words) =>
    words.length === codes + ids && words.every((word, i) => (i < codes ? !String(word).includes('\u0000') : uuid.test(String(word))));
}

/** A page of answers: where it goes on is the same request with another `token`. */
export function nextLink(path: string, query: Readonly<Record<string, unknown>>, token: string | null): { next: string | null } {
  if (token === null) return { next: null };
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, token }))
    if (value !== undefined && value !== null) parameters.append(name, String(value));
  return { next: `${path}?${parameters}` };
}
