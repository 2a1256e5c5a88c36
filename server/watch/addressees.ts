import type { Openability } from '#access/index.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { Addressee } from '#notifications/index.ts';
import { type ContactPoint, contactPoints, findParties, type Party } from '#register/index.ts';

/** Everybody who may have to be told, read once for a batch. */
export interface Directory {
  readonly parties: ReadonlyMap<PartyId, Party>;
  readonly points: ReadonlyMap<PartyId, readonly ContactPoint[]>;
}

/** A subunit that has no address of its own is reached at its main unit's. Source: compatibility.md, correspondence, §6.4. */
export async function readDirectory(reader: Reader, ids: Iterable<PartyId>): Promise<Directory> {
  const unique = [...new Set(ids)];
  const [parties, points] = await Promise.all([findParties(reader, unique), contactPoints(reader, unique)]);
  const without = [...parties.values()].filter(({ id, kind }) => kind === 'organization' && !points.has(id));
  const mainUnits = await contactPoints(
    reader,
    without.flatMap(({ parentId }) => parentId ?? []),
  );
  const lent = without.flatMap(({ id, parentId }) => {
    const of = parentId && mainUnits.get(parentId);
    return of ? [[id, of] as const] : [];
  });
  return { parties, points: new Map<PartyId, readonly ContactPoint[]>([...points, ...lent]) };
}

/** The persons who can open, and the recipient's own addresses, which an organization keeps for this. Systems fetch by themselves. */
export function openersToTell(directory: Directory, party: PartyId, openability: Openability): Addressee[] {
  const persons = openability.openers.filter((opener) => opener.kind === 'person').map((opener) => opener.party);
  return addressees(directory, [...persons, party]);
}

/** The persons who could grant access; the recipient's own addresses only when none of them has one. */
export function grantorsToTell(directory: Directory, party: PartyId, openability: Openability): Addressee[] {
  const persons = addressees(
    directory,
    openability.grantors.filter((grantor) => grantor.kind === 'person').map((grantor) => grantor.party),
  );
  return persons.some((person) => person.contactPoints.length > 0) ? persons : addressees(directory, [party]);
}

/** The persons who lead the recipient; its own addresses only when none of them has one. */
export function leadersToTell(directory: Directory, party: PartyId, leaders: readonly PartyId[]): Addressee[] {
  const persons = addressees(directory, leaders);
  return persons.some((person) => person.contactPoints.length > 0) ? persons : addressees(directory, [party]);
}

export function addressees({ parties, points }: Directory, ids: readonly PartyId[]): Addressee[] {
  return [...new Set(ids)].flatMap((id) => {
    const party = parties.get(id);
    if (!party?.alive) return [];
    return [{ id, language: party.language, contactPoints: points.get(id) ?? [] }];
  });
}
