import type { Reader } from '#kernel/database.ts';
import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { addGivers, findHoldings, type Holding, type Opener } from '../holdings.ts';
import type { Policy } from '../policy.ts';
import { listedAt, policiesAt } from '../remembered-policies.ts';
import { packagesNamed } from '../shorthand.ts';
import { findStanding } from '../store/standing.ts';
import { type Right, rightsOf } from './rights.ts';
import { listGivenAlone, listPackages, type Service } from './store.ts';

/** A right at a unit: who has it, and who could give it. */
export interface Covered {
  readonly right: Right;
  /** Those of its services that may send to the unit. */
  readonly services: readonly ResourceId[];
  /** How many of them nobody can open. */
  readonly unwatched: number;
  readonly openers: readonly Opener[];
  readonly grantors: readonly Opener[];
}

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
 * not. Services that ask the same are asked about once, but where one of them was given by itself. A service that keeps a unit out by
 * its lists is not there. A handful of statements for any number of units and services.
 */
export async function findCoverage(reader: Reader, units: readonly PartyId[], rights: readonly Right[]): Promise<Map<PartyId, Covered[]>> {
  const services = rights.flatMap((right) => right.services);
  const ids = services.map(({ id }) => id);
  const standing = await findStanding(reader, { places: units, subjects: [], resources: ids });
  const policies = await policiesAt(reader, standing);
  const alone = await listGivenAlone(reader, units, ids);
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
    `${unit} ${policy.lists || alone.has(`${unit} ${id}`) ? id : policyClass}`;
  const isOpen = (unit: PartyId, { id }: Service): boolean => {
    const [place, policy] = [standing.places.get(unit), policies.get(id)];
    return place !== undefined && policy !== undefined && mayReceive({ place, policy, action: 'read' });
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

  return new Map(
    units.map((unit) => [
      unit,
      rights.flatMap((right): Covered[] => {
        const here = right.services.filter(({ id }) => open.get(unit)!.has(id));
        if (here.length === 0) return [];
        const found = here.map((service) => byKey.get(keyOf(unit, service, policies.get(service.id)!))!);
        const openers = found.map(openersOf);
        return [
          {
            right,
            services: here.map(({ id }) => id),
            unwatched: openers.filter((some) => some.length === 0).length,
            openers: eachOnce(openers.flat()),
            grantors: eachOnce(found.flatMap(({ givers }) => givers ?? [])),
          },
        ];
      }),
    ]),
  );
}

function eachOnce(some: readonly Opener[]): Opener[] {
  return [...new Map(some.map((one) => [one.party, one])).values()];
}
