import type { Openability } from '#access/index.ts';
import type { Reader } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { Addressee } from '#notifications/index.ts';
import { type ContactPoint, contactPoints, findParties, type KeptAddress, listAddresses, type Party } from '#register/index.ts';

/** Everybody who may have to be told, read once for a batch. */
export interface Directory {
  readonly parties: ReadonlyMap<PartyId, Party>;
  readonly points: ReadonlyMap<PartyId, readonly ContactPoint[]>;
  /** Where persons are told of post to organizations, when they have said so. */
  readonly away?: ReadonlyMap<PartyId, readonly KeptAddress[]>;
  /** Who has addresses that nobody has confirmed for too long, and how many: they are not written to. */
  readonly stale?: ReadonlyMap<PartyId, number>;
  /** Of subunits that are reached at their main unit's addresses: the main unit. */
  readonly mainUnitOf?: ReadonlyMap<PartyId, PartyId>;
}

/** Which post somebody is told of. */
export interface Post {
  readonly party: PartyId;
  readonly resource?: string;
}

/** A subunit that has no address of its own is reached at its main unit's. Source: compatibility.md, correspondence, §6.4. */
export async function readDirectory(reader: Reader, ids: Iterable<PartyId>): Promise<Directory> {
  const unique = [...new Set(ids)];
  const [parties, kept] = await Promise.all([findParties(reader, unique), listAddresses(reader, unique)]);
  const usable = kept.filter(({ isStale }) => !isStale);
  const points = new Map<PartyId, ContactPoint[]>();
  for (const { party, channel, address, at } of usable)
    if (at === null) points.set(party, [...(points.get(party) ?? []), { channel, address }]);
  const away = Map.groupBy(
    usable.filter(({ at }) => at !== null),
    ({ party }) => party,
  );
  const stale = new Map<PartyId, number>();
  for (const { party, isStale } of kept) if (isStale) stale.set(party, (stale.get(party) ?? 0) + 1);
  const without = [...parties.values()].filter(({ id, kind }) => kind === 'organization' && !points.has(id));
  const mainUnits = await contactPoints(
    reader,
    without.flatMap(({ parentId }) => parentId ?? []),
  );
  const lent = without.flatMap(({ id, parentId }) => (parentId && mainUnits.has(parentId) ? [{ id, parentId }] : []));
  for (const { id, parentId } of lent) points.set(id, [...mainUnits.get(parentId)!]);
  return { parties, points, away, stale, mainUnitOf: new Map(lent.map(({ id, parentId }) => [id, parentId])) };
}

/** The persons who can open, and the recipient's own addresses, which an organization keeps for this. Systems fetch by themselves. */
export function openersToTell(directory: Directory, post: Post, openability: Openability): Addressee[] {
  const persons = openability.openers.filter((opener) => opener.kind === 'person').map((opener) => opener.party);
  return addressees(directory, [...persons, post.party], post);
}

/** The persons who could grant access; the recipient's own addresses only when none of them has one. */
export function grantorsToTell(directory: Directory, post: Post, openability: Openability): Addressee[] {
  const persons = addressees(
    directory,
    openability.grantors.filter((grantor) => grantor.kind === 'person').map((grantor) => grantor.party),
    post,
  );
  return persons.some((person) => person.contactPoints.length > 0) ? persons : addressees(directory, [post.party]);
}

/** The persons who lead the recipient; its own addresses only when none of them has one. */
export function leadersToTell(directory: Directory, post: Post, leaders: readonly PartyId[]): Addressee[] {
  const persons = addressees(directory, leaders, post);
  return persons.some((person) => person.contactPoints.length > 0) ? persons : addressees(directory, [post.party]);
}

/**
 * What a person wants for post to the organization takes the place of their own addresses, each channel by itself: with a number alone
 * they are told by e-mail where they are told of their own post, should a step go by e-mail.
 */
export function addressees(directory: Directory, ids: readonly PartyId[], post?: Post): Addressee[] {
  const { parties, points } = directory;
  return [...new Set(ids)].flatMap((id) => {
    const party = parties.get(id);
    if (!party?.alive) return [];
    const chosen = post && id !== post.party ? chosenFor(directory, id, post) : [];
    const own = (points.get(id) ?? []).filter(({ channel }) => !chosen.some((each) => each.channel === channel));
    return [{ id, language: party.language, contactPoints: [...chosen, ...own] }];
  });
}

/** For the organization, or for the main unit of which it is one. */
function chosenFor({ parties, away }: Directory, person: PartyId, { party, resource }: Post): Addressee['contactPoints'] {
  const parent = parties.get(party)?.parentId;
  const mine = away?.get(person)?.filter(({ at, resources }) => {
    const isHere = at === party || (parent !== null && at === parent);
    return isHere && (resources === null || (resource !== undefined && resources.includes(resource)));
  });
  return (mine ?? []).map(({ channel, address }) => ({ channel, address, isNamed: true }));
}

/** How many addresses of these people, at this post, are too old to be written to. */
export function staleOf({ stale }: Directory, ids: readonly PartyId[]): number {
  return [...new Set(ids)].reduce((sum, id) => sum + (stale?.get(id) ?? 0), 0);
}
