import type { PartyId, ResourceId } from '#kernel/ids.ts';
import { attribute, category, type ListedActions, type Match, matching, type Policy, type Rule } from '../../policy.ts';
import type { Inhabitant, SmallTown } from '../reference.ts';
import type { Random } from './random.ts';
import type { Slot } from './slot.ts';

export interface WorldGrant {
  readonly at: PartyId;
  readonly to: PartyId;
  readonly package: string | null;
  readonly resource: ResourceId | null;
  readonly instance: string | null;
  readonly actions: readonly string[];
  /** The moment, counted in steps of the world, from which it has ended; null: it never does. */
  readonly until: number | null;
}

export interface WorldPolicy {
  readonly rules: readonly Rule[];
  /** Whether the first list of the slot must hold the party. */
  readonly named: boolean;
  /** Whether lists count that are connected, and for which actions the second one is; undefined: it is not connected. */
  readonly listsEnabled: boolean;
  readonly connected: readonly string[] | null | undefined;
}

/** All that stands in a world, as plain data. */
export interface SmallWorld {
  /** An access package that is given, handed on and asked for more often than others, so that these meet. */
  readonly focus: string;
  readonly parties: readonly Inhabitant[];
  readonly roles: SmallTown['roles'];
  readonly grants: readonly WorldGrant[];
  readonly delegations: SmallTown['delegations'];
  readonly members: readonly (readonly PartyId[])[];
  readonly message: WorldPolicy;
  readonly attachment: WorldPolicy;
}

const roles = [
  ...['daglig-leder', 'daglig-leder', 'styreleder', 'kontaktperson-kommune', 'komplementar', 'regnskapsforer', 'revisor'],
  ...['forretningsforer', 'hovedadministrator', 'innehaver'],
];
const guardianRoles = ['nav-familie', 'kommune-helse-omsorg'];
const packages = [
  'ordinaer-post-til-virksomheten',
  'post-til-virksomheten-med-taushetsbelagt-innhold',
  'post-til-virksomheten-med-taushetsbelagt-innhold',
  'skatt-naering',
  'regnskapsforer-lonn',
  'ansvarlig-revisor',
  'vergemal-nav-familie',
];
const given = [...packages, ...packages, 'hovedadministrator', 'tilgangsstyrer'];
const unitTypes = ['AS', 'KOMM', 'ENK', 'ANS', null];

/** A world in the slot, made up at random. */
export function makeWorld(random: Random, slot: Slot): SmallWorld {
  const { organizations, persons } = slot;
  const parties = slot.inhabitants.map((each): Inhabitant => {
    const isOrganization = each.kind === 'organization';
    const alive = !random.chance(each.kind === 'system-user' ? 0 : 0.1);
    const successor =
      isOrganization && random.chance(alive ? 0.08 : 0.75) ? random.pick(organizations.filter((id) => id !== each.id)) : null;
    const parent = each.id === organizations[1] ? organizations[0]! : each.kind === 'system-user' ? each.parent : null;
    return { ...each, alive, successor, parent, unitType: isOrganization ? random.pick(unitTypes) : null };
  });
  const focus = random.pick(packages);
  const empty: SmallWorld = {
    ...{ focus, parties, roles: [], grants: [], delegations: [] },
    members: slot.lists.map(() => random.times(3, () => random.pick(organizations))),
    message: makePolicy(random, slot, slot.message, focus),
    attachment: makePolicy(random, slot, slot.attachment, focus),
  };
  let world = empty;
  for (const add of [...random.times(7, () => addRole), ...random.times(7, () => addGrant), ...random.times(3, () => addDelegation)])
    world = add(random, slot, world);
  if (random.chance(0.2)) world = addGuardian(random, slot, world);
  if (random.chance(0.25)) world = addIdleAgent(random, slot, world);
  if (random.chance(0.25)) world = addToAgent(random, slot, world);
  return persons.length > 0 ? world : empty;
}

/** Something that happens in a world. What it is called is told of a world that goes wrong. */
export const happenings = {
  grant: (random, slot, world) => addGrant(random, slot, world),
  revoke: (random, _, world) => ({ ...world, grants: without(random, world.grants) }),
  'alter a grant': (random, _, world) => {
    const changed = world.grants.length > 0 ? random.pick(world.grants) : undefined;
    const until = random.chance(0.5) ? null : random.below(4);
    return { ...world, grants: world.grants.map((grant) => (grant === changed ? { ...grant, until } : grant)) };
  },
  'add a role': (random, slot, world) => addRole(random, slot, world),
  'end a role': (random, _, world) => withRoles(world, without(random, world.roles)),
  'let an agent act': (random, slot, world) => addDelegation(random, slot, world),
  'let an agent that is there act': (random, _, world) => letAct(random, world),
  'let an agent act for more': (random, slot, world) => addToAgent(random, slot, world),
  'end an agent’s act': (random, _, world) => ({ ...world, delegations: without(random, world.delegations) }),
  'end one act of several': (random, _, world) => endOneOfSeveral(random, world),
  'end an agent': (random, _, world) => {
    const agents = world.roles.filter(({ role }) => role === 'agent');
    const ended = agents.length > 0 ? random.pick(agents) : undefined;
    return withRoles(
      world,
      world.roles.filter((row) => row !== ended),
    );
  },
  'appoint a guardian': (random, slot, world) => addGuardian(random, slot, world),
  'die or come back': (random, slot, world) => {
    const id = random.pick([...slot.organizations, ...slot.persons]);
    return withParty(world, id, (party) => ({ ...party, alive: !party.alive }));
  },
  merge: (random, slot, world) => {
    const id = random.pick(slot.organizations);
    const successor = random.pick(slot.organizations.filter((each) => each !== id));
    return withParty(world, id, (party) => ({ ...party, alive: false, successor }));
  },
  'move a subunit': (random, slot, world) =>
    withParty(world, slot.organizations[1]!, (party) => ({
      ...party,
      parent: random.pick([slot.organizations[0]!, slot.organizations[2]!, null]),
    })),
  'take another form': (random, slot, world) =>
    withParty(world, random.pick(slot.organizations), (party) => ({ ...party, unitType: random.pick(unitTypes) })),
  'change a list': (random, slot, world) => {
    const which = random.below(world.members.length);
    return {
      ...world,
      members: world.members.map((some, i) => (i === which ? random.times(3, () => random.pick(slot.organizations)) : some)),
    };
  },
  'connect a list': (random, _, world) => ({
    ...world,
    attachment: { ...world.attachment, listsEnabled: random.chance(0.6), connected: connection(random) },
  }),
  'change a policy': (random, slot, world) =>
    random.chance(0.5)
      ? { ...world, message: makePolicy(random, slot, slot.message, world.focus) }
      : { ...world, attachment: makePolicy(random, slot, slot.attachment, world.focus) },
} satisfies Record<string, (random: Random, slot: Slot, world: SmallWorld) => SmallWorld>;

export type Happening = keyof typeof happenings;
const often: readonly Happening[] = ['add a role', 'end a role', 'end a role', 'grant', 'die or come back'];
/** Those that reach far are drawn more often. */
export const happeningNames: readonly Happening[] = [...(Object.keys(happenings) as Happening[]), ...often];

/** How the world is seen at a step: what has ended by its time has ended. */
export function townAt(world: SmallWorld, step: number, slot: Slot): SmallTown {
  return {
    ...{ parties: world.parties, roles: world.roles, delegations: world.delegations },
    grants: world.grants.map((grant) => ({ ...grant, ended: grant.until !== null && grant.until <= step })),
    lists: Object.fromEntries(slot.lists.map((list, i) => [list, world.members[i]!])),
  };
}

export function policyOf({ rules, named, listsEnabled, connected }: WorldPolicy, id: ResourceId, { lists, owner }: Slot): Policy {
  const connections: ListedActions[] = connected === undefined ? [] : [{ list: lists[1]!, actions: connected }];
  return { id, ownerId: owner, rules, minLevel: 0, accessList: named ? lists[0]! : null, lists: listsEnabled ? connections : null };
}

function addRole(random: Random, { organizations, persons, inhabitants }: Slot, world: SmallWorld): SmallWorld {
  const holder = random.chance(0.7) ? random.pick(persons) : random.pick(inhabitants).id;
  const at = random.chance(0.8) ? random.pick(organizations) : random.pick(persons);
  return withRoles(world, [...world.roles, { holder, role: random.pick(roles), at }]);
}

function addGuardian(random: Random, { persons }: Slot, world: SmallWorld): SmallWorld {
  return withRoles(world, [...world.roles, { holder: random.pick(persons), role: random.pick(guardianRoles), at: random.pick(persons) }]);
}

function addGrant(random: Random, slot: Slot, world: SmallWorld): SmallWorld {
  const { organizations, persons, inhabitants } = slot;
  const at = random.chance(0.8) ? random.pick(organizations) : random.pick(persons);
  const whom = random.next();
  const to = random.pick((whom < 0.4 ? persons : whom < 0.6 ? slot.systems : inhabitants.map(({ id }) => id)).filter((id) => id !== at));
  const what = random.chance(0.6)
    ? { package: packageNear(random, world.focus, given), resource: null, instance: null, actions: [] }
    : { package: null, ...givenResource(random, slot) };
  const until = random.chance(0.3) ? random.below(4) : null;
  const grant = { at, to, until, ...what };
  return { ...world, grants: [...world.grants.filter((each) => keyOfGrant(each) !== keyOfGrant(grant)), grant] };
}

function givenResource(random: Random, slot: Slot) {
  const [resource, instance] = random.chance(0.5) ? [slot.message, slot.letter] : [slot.attachment, slot.file];
  return {
    resource,
    instance: random.pick([null, instance, slot.other]),
    actions: random.pick([['read'], ['read'], ['read', 'write'], ['write']]),
  };
}

const packageNear = (random: Random, focus: string, others: readonly string[]) => (random.chance(0.6) ? focus : random.pick(others));

const roleThatGives: Readonly<Record<string, string>> = { 'regnskapsforer-lonn': 'regnskapsforer', 'ansvarlig-revisor': 'revisor' };

/** By a provider that has what it hands on, more often than not: by a role, or because it was given it. */
function addDelegation(random: Random, slot: Slot, world: SmallWorld): SmallWorld {
  const provider = random.pick(slot.organizations);
  const client = random.pick([...slot.organizations, ...slot.organizations, ...slot.persons]);
  const agent = random.pick([...slot.persons, ...slot.systems]);
  if (new Set([provider, client, agent]).size < 3) return world;
  const code = packageNear(random, world.focus, packages);
  const by = random.chance(0.15) ? null : (roleThatGives[code] ?? 'grant');
  const row = { client, provider, agent, package: code };
  const grant: WorldGrant = {
    ...{ at: client, to: provider, package: code, resource: null, instance: null, actions: [] },
    until: random.chance(0.3) ? random.below(4) : null,
  };
  const delegations = [...world.delegations.filter((each) => JSON.stringify(each) !== JSON.stringify(row)), row];
  const grants = by === 'grant' ? [...world.grants.filter((each) => keyOfGrant(each) !== keyOfGrant(grant)), grant] : world.grants;
  const held = by !== null && by !== 'grant' ? [{ holder: provider, role: by, at: client }] : [];
  return withRoles({ ...world, delegations, grants }, [...world.roles, { holder: agent, role: 'agent', at: provider }, ...held]);
}

/** Somebody who is an agent, of a provider that has something to hand on, and does not act yet. */
function addIdleAgent(random: Random, slot: Slot, world: SmallWorld): SmallWorld {
  const { delegations, ...rest } = addDelegation(random, slot, world);
  return { ...rest, delegations: world.delegations };
}

/** Only what an agent does is new: agent and provider are, and have, what they were and had. */
function letAct(random: Random, world: SmallWorld): SmallWorld {
  const { grants, roles: some, delegations } = world;
  const founded = grants.flatMap(({ at: client, to: provider, package: code }) =>
    some.flatMap(({ role, holder: agent, at }) => {
      if (role !== 'agent' || at !== provider || agent === client || code === null || !packages.includes(code)) return [];
      return [{ client, provider, agent, package: code }];
    }),
  );
  const fresh = founded.filter((row) => !delegations.some((each) => JSON.stringify(each) === JSON.stringify(row)));
  return fresh.length > 0 ? { ...world, delegations: [...delegations, random.pick(fresh)] } : world;
}

/** An agent acts for the same client by one more package, which the provider has there. */
function addToAgent(random: Random, slot: Slot, world: SmallWorld): SmallWorld {
  if (world.delegations.length === 0) return addDelegation(random, slot, world);
  const { package: had, ...of } = random.pick(world.delegations);
  const row = { ...of, package: had === world.focus ? random.pick(packages) : world.focus };
  const grant = { at: of.client, to: of.provider, package: row.package, resource: null, instance: null, actions: [], until: null };
  return {
    ...world,
    grants: [...world.grants.filter((each) => keyOfGrant(each) !== keyOfGrant(grant)), grant],
    delegations: [...world.delegations.filter((each) => JSON.stringify(each) !== JSON.stringify(row)), row],
  };
}

function endOneOfSeveral(random: Random, world: SmallWorld): SmallWorld {
  const { delegations } = world;
  const several = delegations.filter(({ client, provider, agent }, i) =>
    delegations.some((each, j) => i !== j && each.client === client && each.provider === provider && each.agent === agent),
  );
  const ended = several.length > 0 ? random.pick(several) : undefined;
  return { ...world, delegations: delegations.filter((each) => each !== ended) };
}

export function keyOfGrant({ at, to, package: code, resource, instance }: Omit<WorldGrant, 'until' | 'actions'>): string {
  return [at, to, code, resource, instance].join(' ');
}

export const keyOfRole = ({ holder, role, at }: SmallTown['roles'][number]): string => [holder, role, at].join(' ');

/** Each role once; with an agent goes what it had as one. */
function withRoles(world: SmallWorld, some: SmallTown['roles']): SmallWorld {
  const kept = new Map(some.filter(({ holder, at }) => holder !== at).map((row) => [keyOfRole(row), row]));
  const left = world.roles.filter((row) => row.role === 'agent' && !kept.has(keyOfRole(row)));
  const delegations = world.delegations.filter(({ provider, agent }) => !left.some((row) => row.at === provider && row.holder === agent));
  return { ...world, roles: [...kept.values()], delegations };
}

function withParty(world: SmallWorld, id: PartyId, change: (party: Inhabitant) => Inhabitant): SmallWorld {
  return { ...world, parties: world.parties.map((party) => (party.id === id ? change(party) : party)) };
}

function without<T>(random: Random, some: readonly T[]): readonly T[] {
  const gone = random.below(some.length);
  return some.filter((_, i) => i !== gone);
}

const connection = (random: Random): WorldPolicy['connected'] => random.pick([undefined, null, ['read'], ['write']]);

function makePolicy(random: Random, slot: Slot, resource: ResourceId, focus: string): WorldPolicy {
  const first = makeRule(random, slot, resource, { effect: 'permit', focus });
  const others = random.times(2, () => makeRule(random, slot, resource, { effect: random.chance(0.75) ? 'permit' : 'deny', focus }));
  return {
    rules: random.chance(0.5) ? [first, ...others] : [...others, first],
    named: random.chance(0.12),
    listsEnabled: resource === slot.attachment && random.chance(0.15),
    connected: resource === slot.attachment ? connection(random) : undefined,
  };
}

/** Every rule that permits names subjects: one that permits all the world makes nobody in particular reachable. */
function makeRule(random: Random, slot: Slot, resource: ResourceId, { effect, focus }: { effect: Rule['effect']; focus: string }): Rule {
  const anyOf = Array.from({ length: 1 + random.below(4) }, () =>
    Array.from({ length: random.chance(0.1) ? 2 : 1 }, () => makeMatch(random, slot, focus)),
  );
  const particular = random.chance(0.1) ? [[[matchOfResource(random, slot, resource)]]] : [];
  return { effect, actions: random.pick([['read'], ['read', 'write'], [], ['read'], ['write']]), target: [anyOf, ...particular] };
}

function makeMatch(random: Random, slot: Slot, focus: string): Match {
  const of = (name: string, value: string): Match => {
    return { category: category.subject, attribute: name, match: matching.equalIgnoreCase, value };
  };
  const roll = random.next();
  if (roll < 0.3) return of(attribute.role, random.pick(['DAGL', 'LEDE', 'a0236', 'regnskapsforer', 'PRIV', 'hadm', 'nav-familie']));
  if (roll < 0.75) return of(attribute.package, packageNear(random, focus, packages));
  if (roll < 0.85) return of(attribute.partyType, random.pick(['organization', 'person']));
  if (roll < 0.89) return of(attribute.personNumber, slot.numberOf(random.pick(slot.persons)));
  if (roll < 0.93) return of(attribute.organizationNumber, slot.numberOf(random.pick(slot.organizations)));
  if (roll < 0.97) return of(attribute.partyUuid, random.pick(slot.inhabitants).id);
  return of(attribute.systemUser, random.pick(slot.systems));
}

function matchOfResource(random: Random, slot: Slot, resource: ResourceId): Match {
  const [name, value] = random.pick([
    [attribute.instance, resource === slot.message ? slot.letter : slot.file],
    [attribute.instance, slot.other],
    [attribute.organizationNumber, slot.numberOf(random.pick(slot.organizations))],
    [attribute.partyType, 'person'],
  ]);
  return { category: category.resource, attribute: name!, match: matching.equal, value: value! };
}
