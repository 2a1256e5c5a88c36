import type { ResourceId } from '#kernel/ids.ts';
import { attribute, category, type Match, matchesOf, type Rule } from '../policy.ts';

/** One way in which something is permitted: all of the subject's attributes, for one action on one resource. */
export interface FlatRule {
  readonly subject: readonly NamedValue[];
  readonly action: NamedValue;
  readonly resource: readonly NamedValue[];
}

export interface NamedValue {
  readonly type: string;
  readonly value: string;
}

/** A policy that branches further cannot be shown flat: three alternatives of a hundred are a million rules. */
const mostRules = 10_000;

/**
 * Pure. What the rules permit, one line for each way, in their order; undefined where those are too many. Rules that deny are not
 * among them. A rule that names no action or no resource speaks of any action, `*`, and of this resource.
 */
export function flattenPolicy(id: ResourceId, rules: readonly Rule[]): FlatRule[] | undefined {
  const permitting = rules.filter(({ effect }) => effect === 'permit');
  const count = permitting.reduce((n, rule) => n + rule.target.reduce((ways, anyOf) => ways * anyOf.length, 1), 0);
  if (count > mostRules) return undefined;
  return permitting.flatMap((rule) => waysOf(rule).flatMap((matches) => flat(id, matches)));
}

/** Every choice of one alternative from each part of the target. */
function waysOf({ target }: Rule): Match[][] {
  return target.reduce<Match[][]>((ways, anyOf) => ways.flatMap((way) => anyOf.map((allOf) => [...way, ...allOf])), [[]]);
}

function flat(id: ResourceId, matches: readonly Match[]): FlatRule[] {
  const of = (name: string) => distinct(matches.filter((match) => match.category === name).map(shown));
  const actions = of(category.action);
  if (actions.length > 1) return []; // no request is of two actions
  const resource = of(category.resource);
  return [
    {
      subject: of(category.subject),
      action: actions[0] ?? { type: attribute.action, value: '*' },
      resource: resource.length > 0 ? resource : [{ type: attribute.resource, value: id }],
    },
  ];
}

/** As whoever reads the open registry sees it: who a named person is stays with the owner. */
function shown({ attribute: type, value }: Match): NamedValue {
  return { type, value: type === attribute.personNumber ? hidden(value) : value };
}

/** Numbers of persons are not for everybody. */
export function hidden(text: string): string {
  return text.replaceAll(/(?<!\d)\d{11}(?!\d)/g, '***********');
}

function distinct(values: readonly NamedValue[]): NamedValue[] {
  return [...new Map(values.map((each) => [`${each.type} ${each.value}`, each])).values()];
}

/** Pure. Per action and resource, who is permitted. */
export function rightsOf(rules: readonly FlatRule[]) {
  const byRight = Map.groupBy(rules, ({ action, resource }) =>
    [...resource.map(({ value }) => value), action.value].join(':').toLowerCase(),
  );
  return [...byRight].map(([rightKey, ways]) => ({
    action: ways[0]!.action,
    resource: ways[0]!.resource,
    subjects: ways.map(({ subject }) => ({ subjectAttributes: subject })),
    rightKey,
  }));
}

/** Pure. Every attribute of a subject that a rule which permits names, once. */
export function subjectsOf(rules: readonly Rule[]): (NamedValue & { urn: string })[] {
  const named = rules
    .filter(({ effect }) => effect === 'permit')
    .flatMap(matchesOf)
    .filter((match) => match.category === category.subject);
  return distinct(named.map(shown)).map(asUrn);
}

export function asUrn({ type, value }: NamedValue): NamedValue & { urn: string } {
  return { type, value, urn: `${type}:${value}`.toLowerCase() };
}
