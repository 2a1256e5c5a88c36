import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { decide } from '../decide.ts';
import type { Fact, Subject } from '../facts.ts';
import type { Policy } from '../policy.ts';
import { builtInSeed, implicationsOf, rolePackagesOf } from '../seed-document.ts';

/** A party of a small town, as plain data. */
export interface Inhabitant extends Subject {
  readonly unitType: string | null;
  readonly parent: PartyId | null;
  readonly successor: PartyId | null;
  readonly alive: boolean;
}

export interface SmallTown {
  readonly parties: readonly Inhabitant[];
  readonly roles: readonly { holder: PartyId; role: string; at: PartyId }[];
  readonly grants: readonly {
    at: PartyId;
    to: PartyId;
    package: string | null;
    resource: string | null;
    instance: string | null;
    actions: readonly string[];
    ended: boolean;
  }[];
  readonly delegations: readonly { client: PartyId; provider: PartyId; agent: PartyId; package: string }[];
}

const document = builtInSeed();
const roleOf = new Map(document.roles.flatMap((role) => [role.code, role.legacyCode ?? role.code].map((code) => [code, role] as const)));
const implications = implicationsOf(document).filter(({ kind }) => kind === 'has');
const rolePackages = rolePackagesOf(document).filter(({ hasAccess }) => hasAccess);

/**
 * Whether somebody may, found out the slow way: by walking from the subject over everything that stands, one thing at a
 * time, without SQL, memory or versions. What the two questions of access must agree with.
 */
export function slowlyMay(town: SmallTown, policy: Policy, ask: { subject: PartyId; at: PartyId; instance: string | null }): boolean {
  const of = (id: PartyId | null) => town.parties.find((party) => party.id === id);
  const [subject, at] = [of(ask.subject)!, of(ask.at)!];
  const owner = subject.kind === 'system-user' ? of(subject.parent) : undefined;
  const places = placesOf(at, of);
  if (places.length === 0 || !subject.alive || owner?.alive === false) return false;

  const facts: Fact[] = [{ kind: 'named', value: '', path: [] }];
  if (subject === at) facts.push(...ofRole('privatperson', at), { kind: 'self', value: at.kind, path: [] });
  for (const via of places) {
    facts.push(...held(town, via, at, subject, subject.kind === 'person'));
    for (const led of town.parties.filter((each) => each.kind === 'organization' && each.alive && leads(town, subject, each, of)))
      facts.push(...held(town, via, at, led, true));
    for (const { client, provider, agent, package: code } of town.delegations) {
      if (client !== via.id || agent !== subject.id || !of(provider)?.alive) continue;
      const has = held(town, via, at, of(provider)!, true).some((fact) => fact.kind === 'package' && fact.value === code);
      if (has) facts.push({ kind: 'package', value: code, path: [] });
    }
  }
  const asked = { action: 'read', resource: policy.id as ResourceId, instance: ask.instance, party: at };
  return decide(policy, asked, { at: at.id, subject, facts }).effect === 'permit';
}

type Find = (id: PartyId | null) => Inhabitant | undefined;

/** Where what holds at a party comes about; nowhere, when it is gone. */
function placesOf(at: Inhabitant, of: Find): Inhabitant[] {
  const places: Inhabitant[] = [];
  const main = at.kind === 'organization' ? of(at.parent) : undefined;
  const heirOfMain = main && !main.alive ? of(main.successor) : undefined;
  if (at.alive && (!main || main.alive || heirOfMain?.alive)) places.push(at);
  if (main?.alive) places.push(main);
  if (heirOfMain?.alive) places.push(heirOfMain);
  const heir = at.alive ? undefined : of(at.successor);
  if (heir?.alive) places.push(heir);
  return places;
}

/** Whether somebody holds a key role at an organization or at its main unit. */
function leads(town: SmallTown, subject: Inhabitant, led: Inhabitant, of: Find): boolean {
  const units = [led.id, of(led.parent)?.id];
  return town.roles.some(
    ({ holder, role, at }) => holder === subject.id && units.includes(at) && roleOf.get(role.toLowerCase())!.isKeyRole,
  );
}

/** What somebody has at `via` itself, as it counts at the party. Only persons, and organizations for those who lead them, have roles. */
function held(town: SmallTown, via: Inhabitant, at: Inhabitant, holder: Inhabitant, withRoles: boolean): Fact[] {
  const roles = town.roles.filter((row) => withRoles && row.at === via.id && row.holder === holder.id);
  const grants = town.grants.filter((row) => row.at === via.id && row.to === holder.id && !row.ended);
  return [
    ...roles.flatMap(({ role }) => ofRole(role, at)),
    ...grants.map(({ package: code, resource, instance, actions }): Fact => {
      return code === null ? { kind: 'grant', value: resource!, actions, instance, path: [] } : { kind: 'package', value: code, path: [] };
    }),
  ];
}

function ofRole(named: string, at: Inhabitant): Fact[] {
  if (named === 'privatperson' && at.kind !== 'person') return [];
  const { code } = roleOf.get(named.toLowerCase())!;
  const codes = [code, ...implications.filter(({ has }) => has === code).map(({ gets }) => gets)];
  const packages = rolePackages.filter(({ role, unitType }) => role === code && (unitType === null || unitType === at.unitType));
  return [
    ...codes.map((each): Fact => ({ kind: 'role', value: each, alias: roleOf.get(each)?.legacyCode ?? null, path: [] })),
    ...packages.map((each): Fact => ({ kind: 'package', value: each.package, path: [] })),
  ];
}
