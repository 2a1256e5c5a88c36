import type { PartyId } from '#kernel/ids.ts';
import type { RoleEntry } from '../store/role-book.ts';
import type { Place } from '../store/standing.ts';
import type { Tie, Ties, WantedTies } from '../store/ties.ts';
import type { Fact, Subject, SubjectFacts } from './facts.ts';
import type { WantedFacts } from './wanted.ts';

/** What one role gives of what is wanted. */
interface Gift {
  readonly kind: 'role' | 'package' | 'hands-on' | 'administrator';
  readonly value: string;
  readonly alias: string | null;
  readonly unitType: string | null;
  /** What it adds to the path; null for the role itself. */
  readonly step: string | null;
}

/** What roles give, by role, as far as it is wanted. */
export type RoleBook = ReadonlyMap<string, readonly Gift[]>;

const main = 'hovedadministrator';
const manager = 'tilgangsstyrer';

/** Access packages of those who administer. */
export const administering: readonly string[] = [main, manager];

/** Roles, old and new, that make somebody an administrator whatever packages they give. */
const administrators: readonly (readonly [role: string, means: string])[] = [
  [main, main],
  ['hadm', main],
  ['admai', manager],
];

/** The pages of the book that speak of what is wanted. */
export function openBook(entries: readonly RoleEntry[], wanted: WantedFacts): RoleBook {
  const book = new Map<string, Gift[]>();
  const write = (role: string, gift: Gift) => {
    const gifts = book.get(role);
    if (gifts) gifts.push(gift);
    else book.set(role, [gift]);
  };
  for (const { role, kind, value, alias, unitType, isHad, isHandedOn } of entries) {
    if (kind === 'role') {
      if (!wanted.roles.includes(value) && !(alias !== null && wanted.roles.includes(alias))) continue;
      write(role, { kind, value, alias, unitType, step: role === value ? null : `gives role ${value}` });
      continue;
    }
    const common = { value, alias: null, unitType };
    if (isHad && wanted.packages.includes(value)) write(role, { ...common, kind, step: `package ${value}` });
    if (isHandedOn && wanted.handedOn.includes(value)) write(role, { ...common, kind: 'hands-on', step: `may give package ${value}` });
    if (isHad && wanted.administrators && administering.includes(value)) write(role, { ...common, kind: 'administrator', step: value });
  }
  if (wanted.administrators) {
    for (const [role, value] of administrators) write(role, { kind: 'administrator', value, alias: null, unitType: null, step: value });
  }
  return book;
}

/** Which ties matter when this is wanted. */
export function tiesWanted(book: RoleBook, wanted: WantedFacts): WantedTies {
  const packages = wanted.administrators ? [...wanted.packages, ...administering] : wanted.packages;
  return { ...wanted, roles: [...book.keys()], packages: [...new Set(packages)] };
}

type Here = Pick<Place, 'id' | 'kind' | 'number' | 'unitType' | 'alive'>;

/** Pure. All that holds at a party for whoever is tied to it, for the party itself if it lives, and for those whom the rules name. */
export function factsOfAll(book: RoleBook, wanted: WantedFacts, at: Here, { ties, named }: Pick<Ties, 'ties' | 'named'>): SubjectFacts[] {
  const found = new Map<PartyId, { readonly at: PartyId; readonly subject: Subject; readonly facts: Fact[] }>();
  const add = (subject: Subject, facts: readonly Fact[]) => {
    const entry = found.get(subject.id);
    if (entry) entry.facts.push(...facts);
    else found.set(subject.id, { at: at.id, subject, facts: [...facts] });
  };
  for (const tie of ties) add(tie.subject, factsOfTie(book, wanted, at, tie));
  for (const subject of named) add(subject, isThere);
  const own = at.alive ? ownFacts(book, wanted, at) : [];
  if (own.length > 0) add(at as Here & Subject, own);
  for (const { facts } of found.values()) facts.sort(byValueAndPath);
  return [...found.values()].filter(({ facts }) => facts.length > 0);
}

/** Pure. All that holds at a party for one living subject, by its ties: at the least that it exists. */
export function factsOfOne(book: RoleBook, wanted: WantedFacts, at: Here, subject: Subject, ties: readonly Tie[]): SubjectFacts {
  const own = subject.id === at.id ? ownFacts(book, wanted, at) : [];
  const facts = [...isThere, ...own, ...ties.flatMap((tie) => factsOfTie(book, wanted, at, tie))];
  return { at: at.id, subject, facts: facts.sort(byValueAndPath) };
}

const isThere: readonly Fact[] = [{ kind: 'named', value: '', path: [] }];

/** What a party has in its own matters: a person as a private person. */
function ownFacts(book: RoleBook, wanted: WantedFacts, at: Here): Fact[] {
  const gifts = at.kind === 'person' ? factsOfRole(book, 'privatperson', at.unitType, ['self']) : [];
  if (wanted.self)
    gifts.push({ kind: 'self', value: at.kind, path: [at.kind === 'organization' ? `organization ${at.number} itself` : 'self'] });
  return gifts;
}

function factsOfTie(book: RoleBook, wanted: WantedFacts, at: Here, tie: Tie): Fact[] {
  const where = tie.main ?? (at.kind === 'organization' ? at.number : 'the person');
  if (tie.agentPackage !== null) return factsOfAgent(book, wanted, tie.agentPackage, where, tie);
  const lead = tie.leadRole === null ? [] : [`role ${tie.leadRole} at ${tie.leadAt}`];
  if (tie.role !== null) return factsOfRole(book, tie.role, tie.unitType, [`role ${tie.role} at ${where}`], lead);
  if (tie.package !== null) {
    const path = [`grant of package ${tie.package} at ${where}`, ...lead];
    const facts: Fact[] = wanted.packages.includes(tie.package) ? [{ kind: 'package', value: tie.package, path }] : [];
    if (wanted.administrators && administering.includes(tie.package))
      facts.push(...administratorFacts(book, tie.package, tie.unitType, path));
    return facts;
  }
  // Ties are read for all that is asked at once, and what was given of one resource says nothing about another.
  if (!wanted.resources.includes(tie.resource!)) return [];
  const path = [`grant of ${tie.instance === null ? '' : 'one item of '}resource ${tie.resource} at ${where}`, ...lead];
  return [{ kind: 'grant', value: tie.resource!, actions: tie.actions ?? [], instance: tie.instance, path }];
}

/** Of what its organization has there, an agent has the one package that it was given: never what that gives by administering. */
function factsOfAgent(book: RoleBook, wanted: WantedFacts, value: string, where: string | null, { role, unitType, agentOf }: Tie): Fact[] {
  const as = `agent of ${agentOf}`;
  if (role === null)
    return wanted.packages.includes(value) ? [{ kind: 'package', value, path: [`grant of package ${value} at ${where}`, as] }] : [];
  const facts = factsOfRole(book, role, unitType, [`role ${role} at ${where}`], [as]);
  return facts.filter((fact) => fact.kind === 'package' && fact.value === value);
}

function factsOfRole(
  book: RoleBook,
  role: string,
  unitType: string | null,
  before: readonly string[],
  after: readonly string[] = [],
): Fact[] {
  return (book.get(role) ?? []).filter(fits(unitType)).flatMap(({ kind, value, alias, step }): Fact[] => {
    const path = step === null ? [...before, ...after] : [...before, step, ...after];
    if (kind === 'administrator') return administratorFacts(book, value, unitType, path);
    return kind === 'role' ? [{ kind, value, alias, path }] : [{ kind, value, path }];
  });
}

/** An administrator hands on what the role of its name does, and has none of it. */
function administratorFacts(book: RoleBook, value: string, unitType: string | null, path: readonly string[]): Fact[] {
  const handedOn = (book.get(value) ?? []).filter((gift) => gift.kind === 'hands-on').filter(fits(unitType));
  return [{ kind: 'administrator', value, path }, ...handedOn.map((gift): Fact => ({ kind: 'hands-on', value: gift.value, path }))];
}

const fits = (unitType: string | null) => (gift: Gift) => gift.unitType === null || gift.unitType === unitType;

/** The same fact by several ways stands shortest way first, and in one order whoever asked. */
function byValueAndPath(a: Fact, b: Fact): number {
  return inOrder(a.kind, b.kind) || inOrder(a.value, b.value) || a.path.length - b.path.length || inOrder(a.path.join(), b.path.join());
}

const inOrder = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
