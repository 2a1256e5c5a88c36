import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { addGivers, findHoldings, type Holding, type Opener } from '../holdings.ts';
import type { Policy } from '../policy.ts';
import { listedAt, policiesAt } from '../remembered-policies.ts';
import { packagesNamed } from '../shorthand.ts';
import { findStanding } from '../store/standing.ts';
import { asOne, type Right, rightsOf } from './rights.ts';
import { listGivenAlone, listPackages, type Service } from './store.ts';

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

/** What it takes to open the services' post, read once for all units. */
export async function readRights(reader: Reader, services: readonly Service[]): Promise<Right[]> {
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
 * unit out by its lists, is there as long as something lies unread on it. A handful of statements for any number of units and services.
 */
export async function findCoverage(
  reader: Reader,
  units: readonly PartyId[],
  rights: readonly Right[],
  { viewer, lies }: { readonly viewer: Viewer; readonly lies: Lies },
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
  return new Map(
    units.map((unit) => {
      const all = rights.flatMap((right) => covered(unit, right));
      const alone = all.filter(({ isVeiled, right }) => isVeiled && right.package === null);
      const together = alone.flatMap(({ services: some }) => some);
      return [unit, [...all.filter((each) => !alone.includes(each)), ...covered(unit, asOne(together))]];
    }),
  );
}

function eachOnce(some: readonly Opener[]): Opener[] {
  return [...new Map(some.map((one) => [one.party, one])).values()];
}
