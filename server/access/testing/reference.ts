import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { decide } from '../decide/decide.ts';
import type { Fact, Subject } from '../decide/facts.ts';
import { couldMakeOpen } from '../decide/give.ts';
import type { Policy } from '../policy.ts';
import { builtInSeed, implicationsOf, rolePackagesOf } from '../seed/seed-document.ts';

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
  /** Members of access lists, by list. */
  readonly lists?: Readonly<Record<string, readonly PartyId[]>>;
}

const document = builtInSeed();
const roleOf = new Map(document.roles.flatMap((role) => [role.code, role.legacyCode ?? role.code].map((code) => [code, role] as const)));
const impliedBy = Map.groupBy(
  implicationsOf(document).filter(({ kind }) => kind === 'has'),
  ({ has }) => has,
);
const packagesOf = Map.groupBy(rolePackagesOf(document), ({ role }) => role);
const assignable = new Set(document.packages.filter(({ isAssignable }) => isAssignable).map(({ code }) => code));
const administering = ['hovedadministrator', 'tilgangsstyrer'];
/** Roles that make somebody an administrator whatever packages they give. */
const administrators: Readonly<Record<string, string>> = {
  hovedadministrator: 'hovedadministrator',
  hadm: 'hovedadministrator',
  admai: 'tilgangsstyrer',
};

export interface SlowAsk {
  readonly subject: PartyId;
  readonly at: PartyId;
  readonly instance: string | null;
}

/**
 * Whether somebody may, found out the slow way: by walking from the subject over everything that stands, one thing at a
 * time, without SQL, memory or versions. What the two questions of access must agree with.
 */
export function slowlyMay(town: SmallTown, policy: Policy, ask: SlowAsk): boolean {
  const facts = slowlyKnown(town, ask.subject, ask.at);
  return facts !== undefined && mayBy(town, policy, ask, facts);
}

/** The same with what `slowlyKnown` has found. */
export function mayBy(town: SmallTown, policy: Policy, ask: SlowAsk, facts: readonly Fact[]): boolean {
  const at = find(town, ask.at)!;
  if (!isListed(town, policy, at)) return false;
  const asked = { action: 'read', resource: policy.id as ResourceId, instance: ask.instance, party: at };
  return decide(policy, asked, { at: at.id, subject: find(town, ask.subject)!, facts }).effect === 'permit';
}

/**
 * Whether somebody is a reader there: it may, and not merely because the rules name an organization that is not the party.
 * A reader makes post reachable; whoever is named only does not.
 */
export function readsBy(town: SmallTown, policy: Policy, ask: SlowAsk, facts: readonly Fact[]): boolean {
  const [subject, at] = [find(town, ask.subject)!, find(town, ask.at)!];
  if (!mayBy(town, policy, ask, facts)) return false;
  if (subject.kind !== 'organization' || subject === at) return true;
  const asked = { action: 'read', resource: policy.id as ResourceId, instance: ask.instance, party: at };
  const unnamed: Subject = { id: '' as PartyId, kind: 'organization', number: null, orgCode: null, partyId: 0 };
  return decide(policy, asked, { at: at.id, subject: unnamed, facts }).effect === 'permit';
}

/** Whether somebody could give a person what it takes. Where even somebody of whom nothing holds is denied, nothing can be given. */
export function couldGive(town: SmallTown, policy: Policy, ask: SlowAsk, facts: readonly Fact[]): boolean {
  const [subject, at] = [find(town, ask.subject)!, find(town, ask.at)!];
  if (!isListed(town, policy, at)) return false;
  const asked = { action: 'read', resource: policy.id as ResourceId, instance: ask.instance, party: at };
  const anybody: Subject = { id: '' as PartyId, kind: 'person', number: null, orgCode: null, partyId: 0 };
  if (decide(policy, asked, { at: at.id, subject: anybody, facts: [] }).effect === 'deny') return false;
  return couldMakeOpen(policy, asked, { at: at.id, subject, facts }) !== undefined;
}

/** Whether a policy lets anybody act for the party: one that asks lists, for organizations in one that counts for reading. */
function isListed({ lists = {} }: SmallTown, policy: Policy, at: Inhabitant): boolean {
  const connected = policy.lists ?? null;
  if (policy.accessList === null && connected === null) return true;
  const counting = [
    ...(policy.accessList === null ? [] : [policy.accessList]),
    ...(connected ?? []).filter(({ actions }) => actions === null || actions.includes('read')).map(({ list }) => list),
  ];
  return at.kind === 'organization' && counting.some((list) => (lists[list] ?? []).includes(at.id));
}

/** All that holds for somebody at a party; undefined where one of them is gone. */
export function slowlyKnown(town: SmallTown, who: PartyId, where: PartyId): Fact[] | undefined {
  const of = (id: PartyId | null) => find(town, id);
  const [subject, at] = [of(who)!, of(where)!];
  const owner = subject.kind === 'system-user' ? of(subject.parent) : undefined;
  const places = placesOf(at, of);
  if (places.length === 0 || !subject.alive || owner?.alive === false) return undefined;

  const facts: Fact[] = [{ kind: 'named', value: '', path: [] }];
  if (subject === at) facts.push(...ofRole('privatperson', at), { kind: 'self', value: at.kind, path: [] });
  const led = town.parties.filter((each) => each.kind === 'organization' && each.alive && leads(town, subject, each, of));
  for (const via of places) {
    facts.push(...held(town, via, at, subject, subject.kind === 'person'));
    for (const each of led) facts.push(...held(town, via, at, each, true));
    for (const { client, provider, agent, package: code } of town.delegations) {
      if (client !== via.id || agent !== subject.id || !of(provider)?.alive) continue;
      const has = held(town, via, at, of(provider)!, true).some((fact) => fact.kind === 'package' && fact.value === code);
      if (has) facts.push({ kind: 'package', value: code, path: [] });
    }
  }
  return facts;
}

type Find = (id: PartyId | null) => Inhabitant | undefined;

function find({ parties }: SmallTown, id: PartyId | null): Inhabitant | undefined {
  return parties.find((party) => party.id === id);
}

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
    ...grants.flatMap(({ package: code, resource, instance, actions }): Fact[] => {
      if (code === null) return [{ kind: 'grant', value: resource!, actions, instance, path: [] }];
      return [{ kind: 'package', value: code, path: [] }, ...(administering.includes(code) ? administrator(code, at) : [])];
    }),
  ];
}

const known = new Map<string, readonly Fact[]>();

function ofRole(named: string, at: Inhabitant): readonly Fact[] {
  if (named === 'privatperson' && at.kind !== 'person') return [];
  const { code } = roleOf.get(named.toLowerCase())!;
  const key = `${code} ${at.unitType}`;
  const facts = known.get(key) ?? factsOfRole(code, at);
  known.set(key, facts);
  return facts;
}

function factsOfRole(code: string, at: Inhabitant): Fact[] {
  const codes = [code, ...(impliedBy.get(code) ?? []).map(({ gets }) => gets)];
  const packages = (packagesOf.get(code) ?? []).filter(({ unitType }) => unitType === null || unitType === at.unitType);
  const had = packages.filter(({ hasAccess }) => hasAccess).map((each) => each.package);
  return [
    ...codes.map((each): Fact => ({ kind: 'role', value: each, alias: roleOf.get(each)?.legacyCode ?? null, path: [] })),
    ...had.map((value): Fact => ({ kind: 'package', value, path: [] })),
    ...handsOn(code, at),
    ...[...(administrators[code] ? [administrators[code]] : []), ...had.filter((each) => administering.includes(each))].flatMap((each) =>
      administrator(each, at),
    ),
  ];
}

function handsOn(code: string, at: Inhabitant): Fact[] {
  return (packagesOf.get(code) ?? [])
    .filter((each) => each.canDelegate && assignable.has(each.package) && (each.unitType === null || each.unitType === at.unitType))
    .map((each) => ({ kind: 'hands-on', value: each.package, path: [] }));
}

/** Gives what the role of its name hands on, and has none of it. */
function administrator(code: string, at: Inhabitant): Fact[] {
  return [{ kind: 'administrator', value: code, path: [] }, ...handsOn(code, at)];
}
