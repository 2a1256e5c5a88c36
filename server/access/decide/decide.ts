import type { PartyId, ResourceId } from '#kernel/ids.ts';
import {
  attribute,
  category,
  type Match,
  matchesOf,
  matching,
  type Policy,
  permitsWhoever,
  type Rule,
  roleAttributes,
  ruleCovers,
} from '../policy.ts';
import { type Fact, factsOf, type Subject, type SubjectFacts } from './facts.ts';

/** What is asked: may the subject do this with the resource (and this one message or attachment) for the party? */
export interface Ask {
  readonly action: string;
  readonly resource: ResourceId;
  readonly instance: string | null;
  readonly party: Subject;
}

export interface Verdict {
  readonly effect: 'permit' | 'deny' | 'not-applicable';
  /** How the right came about. Codes and organization numbers, never a person's name or number. */
  readonly path: readonly string[];
  /**
   * Permitted for no other reason than that the rules name this organization, which is not the party: its own owner, as a rule.
   * Nobody at the party has a right by that, and what is handed to such a one has not reached the party.
   */
  readonly byNameOnly: boolean;
  /** Comparisons that could not be read. They met nobody in a rule that permits, and everybody in one that denies. */
  readonly unread: readonly string[];
}

/** What a comparison amounts to; `path` tells which fact met it. */
type Outcome =
  | { readonly is: 'met'; readonly path: readonly string[] }
  | { readonly is: 'not met' }
  | { readonly is: 'unread'; readonly what: string };

/**
 * Pure. What the rules say of this subject at this party: a rule that denies overrides all that permit, and where no rule
 * applies a grant of the resource or of the instance permits. A comparison that cannot be read never widens access.
 * Source: compatibility.md, platform, §2.6 (order of evaluation) and §2.7.
 */
export function decide(policy: Policy, ask: Ask, given: SubjectFacts): Verdict {
  const ruled = weigh(policy, ask, given);
  return {
    ...ruled,
    byNameOnly: ruled.effect === 'permit' && isNamedElsewhere(ask, given) && weigh(policy, ask, nameless(given)).effect !== 'permit',
  };
}

const isNamedElsewhere = (ask: Ask, { subject }: SubjectFacts): boolean => subject.kind === 'organization' && subject.id !== ask.party.id;

function nameless(given: SubjectFacts): SubjectFacts {
  return { ...given, subject: { ...given.subject, id: '' as PartyId, number: null, orgCode: null, partyId: 0 } };
}

function weigh(policy: Policy, ask: Ask, given: SubjectFacts): Omit<Verdict, 'byNameOnly'> {
  const unread = new Set<string>();
  const rules = policy.rules.filter((rule) => ruleCovers(rule, ask.action));
  const applies = (rule: Rule) => meetsTarget(rule, ask, given, unread);

  if (rules.some((rule) => rule.effect === 'deny' && applies(rule))) return { effect: 'deny', path: [], unread: [...unread] };
  for (const rule of rules) {
    const path = rule.effect === 'permit' ? applies(rule) : undefined;
    if (path) return { effect: 'permit', path, unread: [...unread] };
  }
  const grant = factsOf(given, 'grant').find(
    (fact) =>
      fact.value === ask.resource &&
      (fact.instance === null || fact.instance === ask.instance) &&
      fact.actions.some((action) => action.toLowerCase() === ask.action.toLowerCase()),
  );
  return { effect: grant ? 'permit' : 'not-applicable', path: grant?.path ?? [], unread: [...unread] };
}

/** Pure. Whether the rules permit this to whoever it is: one of them asks nothing of the subject, and none denies anybody. */
export function permitsEverybody(policy: Policy, ask: Ask): boolean {
  const rules = policy.rules.filter((rule) => ruleCovers(rule, ask.action));
  if (rules.some(({ effect }) => effect === 'deny')) return false;
  const anyone: SubjectFacts = { at: ask.party.id, subject: ask.party, facts: [] };
  return rules.some((rule) => permitsWhoever(rule) && meetsTarget(rule, ask, anyone, new Set()) !== undefined);
}

/** The path by which every part of the target is met, or undefined. */
function meetsTarget(rule: Rule, ask: Ask, given: SubjectFacts, unread: Set<string>): readonly string[] | undefined {
  const path: string[] = [];
  for (const anyOf of rule.target) {
    const met = firstMet(anyOf, rule, ask, given, unread);
    if (!met) return undefined;
    path.push(...met.filter((step) => !path.includes(step)));
  }
  return path;
}

function firstMet(anyOf: readonly (readonly Match[])[], rule: Rule, ask: Ask, given: SubjectFacts, unread: Set<string>) {
  for (const allOf of anyOf) {
    const path: string[] = [];
    const met = allOf.every((match) => {
      const outcome = compare(match, ask, given);
      if (outcome.is === 'unread') {
        unread.add(outcome.what);
        return rule.effect === 'deny';
      }
      if (outcome.is === 'met') path.push(...outcome.path.filter((step) => !path.includes(step)));
      return outcome.is === 'met';
    });
    if (met) return path;
  }
  return undefined;
}

function compare(match: Match, ask: Ask, given: SubjectFacts): Outcome {
  const equal = equality(match.match);
  if (!equal) return { is: 'unread', what: match.match };
  const equals = (value: string | number | null) => value !== null && equal(String(value), match.value);
  switch (match.category) {
    case category.subject:
      return compareSubject(match, equals, given);
    case category.resource:
      return compareResource(match, equals, ask);
    case category.action:
      return match.attribute === attribute.action ? when(equals(ask.action)) : unreadAttribute(match);
    default:
      return unreadAttribute(match);
  }
}

function equality(name: string): ((a: string, b: string) => boolean) | undefined {
  if (name === matching.equal) return (a, b) => a === b;
  if (name === matching.equalIgnoreCase) return (a, b) => a.toLowerCase() === b.toLowerCase();
  return undefined;
}

function compareSubject(match: Match, equals: (value: string | number | null) => boolean, given: SubjectFacts): Outcome {
  const { subject } = given;
  const holding = (kind: Fact['kind'], holds: (fact: Fact) => boolean): Outcome => {
    const fact = given.facts.find((each) => each.kind === kind && holds(each));
    return fact ? { is: 'met', path: fact.path } : { is: 'not met' };
  };
  if (roleAttributes.includes(match.attribute)) {
    return holding(
      'role',
      (fact) => fact.kind === 'role' && (equals(fact.value) || equals(fact.alias) || equals(fact.alias?.toUpperCase() ?? null)),
    );
  }
  switch (match.attribute) {
    case attribute.package:
      return holding('package', (fact) => fact.kind === 'package' && equals(fact.value));
    case attribute.partyType:
      return holding('self', (fact) => fact.kind === 'self' && equals(fact.value));
    case attribute.organizationNumber:
    case attribute.legacyOrganizationNumber:
      return named(subject.kind === 'organization' && equals(subject.number));
    case attribute.personNumber:
      return named(subject.kind === 'person' && equals(subject.number));
    case attribute.orgCode:
      return named(equals(subject.orgCode));
    case attribute.partyNumber:
      return named(equals(subject.partyId));
    case attribute.partyUuid:
      return named(equals(subject.id));
    case attribute.systemUser:
      return named(subject.kind === 'system-user' && equals(subject.id));
    default:
      return unreadAttribute(match);
  }
}

function compareResource(match: Match, equals: (value: string | number | null) => boolean, { resource, instance, party }: Ask): Outcome {
  switch (match.attribute) {
    case attribute.resource:
      return when(equals(resource));
    case attribute.instance:
      return when(equals(instance) || (instance !== null && equals(`urn:altinn:correspondence-id:${instance}`)));
    case attribute.organizationNumber:
    case attribute.legacyOrganizationNumber:
      return when(party.kind === 'organization' && equals(party.number));
    case attribute.personNumber:
      return when(party.kind === 'person' && equals(party.number));
    case attribute.partyNumber:
      return when(equals(party.partyId));
    case attribute.partyUuid:
      return when(equals(party.id));
    case attribute.partyType:
      return when(equals(party.kind));
    case attribute.task:
      return when(false);
    default:
      return unreadAttribute(match);
  }
}

const nobody: Subject = { id: '' as PartyId, kind: 'person', number: null, orgCode: null, partyId: 0 };

/** What the rules compare that cannot be read here, without repetition. Whoever stores or imports rules tells it. */
export function unreadComparisons(rules: readonly Rule[]): string[] {
  const ask: Ask = { action: '', resource: '' as ResourceId, instance: null, party: nobody };
  const outcomes = rules.flatMap(matchesOf).map((match) => compare(match, ask, { at: nobody.id, subject: nobody, facts: [] }));
  return [...new Set(outcomes.flatMap((outcome) => (outcome.is === 'unread' ? [outcome.what] : [])))];
}

const when = (met: boolean): Outcome => (met ? { is: 'met', path: [] } : { is: 'not met' });
const named = (met: boolean): Outcome => (met ? { is: 'met', path: ['named by the policy'] } : { is: 'not met' });
const unreadAttribute = (match: Match): Outcome => ({ is: 'unread', what: `${match.category} ${match.attribute}` });
