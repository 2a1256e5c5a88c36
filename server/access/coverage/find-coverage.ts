import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { addGivers, findHoldings, type Holding, type Opener } from '../decide/holdings.ts';
import { listedAt, policiesAt } from '../decide/remembered-policies.ts';
import type { Policy } from '../policy.ts';
import { packagesNamed } from '../shorthand.ts';
import { findStanding } from '../store/standing.ts';
import { asOne, type Right, rightsOf } from './rights.ts';
import { listGivenAlone, listPackages, listServices, type Service } from './store.ts';

/** A right at a unit: who has it, and who could give it. */
export interface Covered {
  readonly right: Right;
  /** Those of its services that may send to the unit, or of which something lies unread there. */
  readonly services: readonly Service[];
  /** Confidential services on which the caller may not read: of them it is told together, and of one that stands alone not how much lies there. */
  readonly isVeiled: boolean;
  /** How many of them nobody can open. */
  readonly unwatched: number;
  readonly openers: readonly Opener[];
  readonly grantors: readonly Opener[];
}

/** Who looks, and by which login. */
export interface Viewer {
  readonly by: PartyId;
  readonly authLevel: number;
}

/** Whether something lies unread at a unit on a service. */
export type Lies = (unit: PartyId, resource: ResourceId) => boolean;

/** So many services are read, and asked about, at a time. */
const servicesAtOnce = 1000;

/** What it takes to open the post of all services there are, read once for all units. */
export async function readRights(reader: Reader): Promise<Right[]> {
  const services: Service[] = [];
  for (;;) {
    const piece = await listServices(reader, { after: services.at(-1)?.id ?? null, limit: servicesAtOnce });
    services.push(...piece);
    if (piece.length < servicesAtOnce) break;
  }
  const policies = await policiesOf(reader, services);
  const codes = [...policies.values()].flatMap(({ rules }) => packagesNamed(rules, 'read'));
  const packages = await listPackages(reader, [...new Set(codes)]);
  return rightsOf(services, { policies, packages: new Map(packages.map((each) => [each.code, each])) });
}

async function policiesOf(reader: Reader, services: readonly Service[]) {
  return policiesAt(reader, await findStanding(reader, { places: [], subjects: [], resources: services.map(({ id }) => id) }));
}

/**
 * Who can open what at each of these units, by the same edges as `whoCanOpen`, and who could give it where it is missing and where it is
 * not. Services that ask the same are asked about once, but where one of them was given by itself. A service that is deleted, or keeps a
 * unit out by its lists, is there as long as something lies unread on it. A handful of statements for any number of units and a thousand
 * services.
 */
export async function findCoverage(
  reader: Reader,
  units: readonly PartyId[],
  rights: readonly Right[],
  looking: Looking,
): Promise<Map<PartyId, Covered[]>> {
  const found = new Map<PartyId, Covered[]>(units.map((unit) => [unit, []]));
  for (const piece of inPieces(rights)) {
    const covered = await coverageOf(reader, units, piece, looking);
    for (const [unit, some] of covered) found.get(unit)!.push(...some);
  }
  return new Map([...found].map(([unit, some]) => [unit, foldedAlone(byRight(some))]));
}

interface Looking {
  readonly viewer: Viewer;
  readonly lies: Lies;
}

/** Pure. The same rights, so many services at a time: one of many services is in several pieces. */
export function inPieces(rights: readonly Right[], most = servicesAtOnce): Right[][] {
  const single = rights.flatMap((right) =>
    Array.from({ length: Math.ceil(right.services.length / most) }, (_, n) => ({
      ...right,
      services: right.services.slice(n * most, (n + 1) * most),
    })),
  );
  const pieces: Right[][] = [];
  let room = 0;
  for (const right of single) {
    if (right.services.length > room) {
      pieces.push([]);
      room = most;
    }
    pieces.at(-1)!.push(right);
    room -= right.services.length;
  }
  return pieces;
}

/** Pure. What was found out of a right in several pieces, as one. */
function byRight(some: readonly Covered[]): Covered[] {
  return [...Map.groupBy(some, ({ right }) => right.key).values()].map((pieces) => joined(pieces[0]!.right, pieces));
}

function joined(right: Right, pieces: readonly Covered[]): Covered {
  return {
    right,
    services: pieces.flatMap(({ services }) => services),
    isVeiled: pieces.some(({ isVeiled }) => isVeiled),
    unwatched: pieces.reduce((sum, { unwatched }) => sum + unwatched, 0),
    openers: eachOnce(pieces.flatMap(({ openers }) => openers)),
    grantors: eachOnce(pieces.flatMap(({ grantors }) => grantors)),
  };
}

/** Pure. Confidential services that are given one by one, and on which the caller may not read, are told of together. */
function foldedAlone(all: readonly Covered[]): Covered[] {
  const alone = all.filter(({ isVeiled, right }) => isVeiled && right.package === null);
  if (alone.length === 0) return [...all];
  const together = asOne(alone.flatMap(({ services }) => services));
  return [...all.filter((each) => !alone.includes(each)), joined(together, alone)];
}

async function coverageOf(
  reader: Reader,
  units: readonly PartyId[],
  rights: readonly Right[],
  { viewer, lies }: Looking,
): Promise<Map<PartyId, Covered[]>> {
  const services = rights.flatMap((right) => right.services);
  const ids = services.map(({ id }) => id);
  const standing = await findStanding(reader, { places: units, subjects: [], resources: ids });
  const policies = await policiesAt(reader, standing);
  const givenAlone = await listGivenAlone(reader, units, ids);
  const places = units.flatMap((id) => standing.places.get(id) ?? []);
  const listings = places.flatMap((place) =>
    services.flatMap(({ id }) => {
      const policy = policies.get(id);
      return policy ? [{ place, policy, action: 'read' }] : [];
    }),
  );
  const mayReceive = await listedAt(reader, listings);

  const asked = new Map<string, { party: PartyId; need: { resource: ResourceId; action: string; instance: null } }>();
  const keyOf = (unit: PartyId, { id, policyClass }: Service, policy: Policy): string =>
    `${unit} ${policy.lists || givenAlone.has(`${unit} ${id}`) ? id : policyClass}`;
  const isOpen = (unit: PartyId, { id, isDeleted }: Service): boolean => {
    const [place, policy] = [standing.places.get(unit), policies.get(id)];
    if (place === undefined || policy === undefined) return false;
    return lies(unit, id) || (!isDeleted && place.alive && mayReceive({ place, policy, action: 'read' }));
  };
  const open = new Map(units.map((unit) => [unit, new Set(services.filter((service) => isOpen(unit, service)).map(({ id }) => id))]));
  for (const unit of units)
    for (const service of services) {
      const policy = policies.get(service.id);
      if (!policy || !open.get(unit)!.has(service.id)) continue;
      const key = keyOf(unit, service, policy);
      if (!asked.has(key)) asked.set(key, { party: unit, need: { resource: service.id, action: 'read', instance: null } });
    }
  const holdings = await findHoldings(reader, [...asked.values()]);
  await addGivers(
    reader,
    [...asked.values()].map((one, i) => ({ ...one, holding: holdings.found[i]! })),
    holdings,
  );
  const byKey = new Map([...asked.keys()].map((key, i) => [key, holdings.found[i]!]));
  const openersOf = ({ holders }: Holding): Opener[] =>
    holders
      .filter(({ opener, isOrganization }) => !isOrganization || holdings.standing.subjects.get(opener.party)?.vitality.fetches)
      .map(({ opener }) => opener);

  const holdingOf = (unit: PartyId, service: Service) => byKey.get(keyOf(unit, service, policies.get(service.id)!))!;
  // the rule of `named-services.ts`, by what has been found out anyway
  const isToldTo = (unit: PartyId, service: Service): boolean =>
    viewer.authLevel >= policies.get(service.id)!.minLevel &&
    holdingOf(unit, service).holders.some(({ opener }) => opener.party === viewer.by);
  const covered = (unit: PartyId, right: Right): Covered[] => {
    const here = right.services.filter(({ id }) => open.get(unit)!.has(id));
    if (here.length === 0) return [];
    const openers = here.map((service) => openersOf(holdingOf(unit, service)));
    return [
      {
        right,
        services: here,
        isVeiled: right.kind === 'confidential' && !here.every((service) => isToldTo(unit, service)),
        unwatched: openers.filter((some) => some.length === 0).length,
        openers: eachOnce(openers.flat()),
        grantors: eachOnce(here.flatMap((service) => holdingOf(unit, service).givers ?? [])),
      },
    ];
  };
  return new Map(units.map((unit) => [unit, rights.flatMap((right) => covered(unit, right))]));
}

function eachOnce(some: readonly Opener[]): Opener[] {
  return [...new Map(some.map((one) => [one.party, one])).values()];
}
