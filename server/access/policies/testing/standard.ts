import fc from 'fast-check';

/**
 * XACML from the words of the standard (OASIS XACML 3.0): §7.6 match evaluation, §7.7 target, §7.11 rule, §7.12 policy, appendix
 * C.2, C.4 and C.8 combining; and policies and callers to try it on. It knows nothing of the server, and imports nothing of it.
 */

export interface XMatch {
  readonly match: 'equal' | 'ignoring case';
  readonly category: 'subject' | 'resource' | 'action';
  readonly attribute: string;
  readonly value: string;
}
export type XTarget = readonly (readonly (readonly XMatch[])[])[];
export interface XRule {
  readonly effect: 'Permit' | 'Deny';
  readonly target: XTarget | undefined;
}
export interface XPolicy {
  readonly combining: 'deny-overrides' | 'permit-overrides' | 'first-applicable';
  readonly target: XTarget;
  readonly rules: readonly XRule[];
}
/** Bags of values by category and attribute. One that is not there is an empty bag. */
export type XRequest = Readonly<Record<XMatch['category'], Readonly<Record<string, readonly string[]>>>>;
export type XDecision = 'Permit' | 'Deny' | 'NotApplicable';

function xMatch(match: XMatch, request: XRequest): boolean {
  const bag = request[match.category][match.attribute] ?? [];
  return bag.some((value) => (match.match === 'equal' ? value === match.value : value.toLowerCase() === match.value.toLowerCase()));
}

/** §7.7: every AnyOf, some AllOf of it, every Match of that. */
export function xTarget(target: XTarget | undefined, request: XRequest): boolean {
  return (target ?? []).every((anyOf) => anyOf.some((allOf) => allOf.every((match) => xMatch(match, request))));
}

function xRule(rule: XRule, request: XRequest): XDecision {
  return xTarget(rule.target, request) ? rule.effect : 'NotApplicable';
}

/** §7.12 and §7.13, with the combining algorithm of the policy. */
export function xPolicy(policy: XPolicy, request: XRequest): XDecision {
  if (!xTarget(policy.target, request)) return 'NotApplicable';
  const decisions = policy.rules.map((rule) => xRule(rule, request));
  if (policy.combining === 'first-applicable') return decisions.find((each) => each !== 'NotApplicable') ?? 'NotApplicable';
  const [first, second] = policy.combining === 'deny-overrides' ? (['Deny', 'Permit'] as const) : (['Permit', 'Deny'] as const);
  return decisions.includes(first) ? first : decisions.includes(second) ? second : 'NotApplicable';
}

const urns = {
  category: {
    subject: 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject',
    resource: 'urn:oasis:names:tc:xacml:3.0:attribute-category:resource',
    action: 'urn:oasis:names:tc:xacml:3.0:attribute-category:action',
  },
  match: {
    equal: 'urn:oasis:names:tc:xacml:1.0:function:string-equal',
    'ignoring case': 'urn:oasis:names:tc:xacml:3.0:function:string-equal-ignore-case',
  },
  combining: {
    'deny-overrides': 'urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-overrides',
    'permit-overrides': 'urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:permit-overrides',
    'first-applicable': 'urn:oasis:names:tc:xacml:1.0:rule-combining-algorithm:first-applicable',
  },
} as const;

const string = 'http://www.w3.org/2001/XMLSchema#string';

/** The policy as XML, with this prefix; `noise` stands between elements. */
export function written({ combining, target, rules }: XPolicy, prefix: string, noise: string): string {
  const tag = (name: string, attributes: Readonly<Record<string, string>>, ...content: string[]) => {
    const all = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`);
    const named = prefix === '' ? name : `${prefix}:${name}`;
    return `<${named}${all.join('')}>${content.length > 0 ? noise + content.join(noise) + noise : ''}</${named}>`;
  };
  const value = (text: string) => tag('AttributeValue', { DataType: string }).replace('><', `>${text.replaceAll('&', '&amp;')}<`);
  const matchTag = (each: XMatch) =>
    tag(
      'Match',
      { MatchId: urns.match[each.match] },
      value(each.value),
      tag('AttributeDesignator', {
        AttributeId: each.attribute,
        Category: urns.category[each.category],
        DataType: string,
        MustBePresent: 'false',
      }),
    );
  const targetTag = (all: XTarget) =>
    tag('Target', {}, ...all.map((anyOf) => tag('AnyOf', {}, ...anyOf.map((allOf) => tag('AllOf', {}, ...allOf.map(matchTag))))));
  return tag(
    'Policy',
    {
      [prefix === '' ? 'xmlns' : `xmlns:${prefix}`]: 'urn:oasis:names:tc:xacml:3.0:core:schema:wd-17',
      PolicyId: 'p',
      Version: '1.0',
      RuleCombiningAlgId: urns.combining[combining],
    },
    targetTag(target),
    ...rules.map((rule, i) => tag('Rule', { RuleId: `r${i}`, Effect: rule.effect }, ...(rule.target ? [targetTag(rule.target)] : []))),
  );
}

export const id = 'post';
const roleAttributes = ['urn:altinn:rolecode', 'urn:altinn:external-role:ccr', 'urn:altinn:external-role:cra', 'urn:altinn:role'];
const roles = [
  { code: 'daglig-leder', alias: 'dagl' },
  { code: 'a0236', alias: null },
];
const packages = ['post-og-arkiv', 'r&d'];
const numbers = ['991825827', '974760673'];
const codes = ['skd', 'nav'];
const actions = ['read', 'write', 'delegated-action', 'Read'];

const inAnyCase = (values: readonly string[]) => fc.constantFrom(...values, ...values.map((value) => value.toUpperCase()));
const how = fc.constantFrom('equal' as const, 'ignoring case' as const);
const matchOf = (category: XMatch['category'], attributes: readonly string[], values: readonly string[]): fc.Arbitrary<XMatch> =>
  fc.record({ match: how, category: fc.constant(category), attribute: fc.constantFrom(...attributes), value: inAnyCase(values) });

const subjectMatch = fc.oneof(
  matchOf('subject', roleAttributes, ['dagl', 'daglig-leder', 'a0236']),
  matchOf('subject', ['urn:altinn:accesspackage'], packages),
  matchOf('subject', ['urn:altinn:organization:identifier-no', 'urn:altinn:organizationnumber'], numbers),
  matchOf('subject', ['urn:altinn:org'], codes),
  matchOf('subject', ['urn:altinn:partyid'], ['1', '2']),
  matchOf('subject', ['urn:altinn:partytype'], ['organization', 'person']),
);
const resourceMatch = fc.oneof(
  { weight: 4, arbitrary: matchOf('resource', ['urn:altinn:resource'], ['post']) },
  matchOf('resource', ['urn:altinn:resource'], ['other']),
  matchOf('resource', ['urn:altinn:task'], ['step']),
  matchOf('resource', ['urn:altinn:organization:identifier-no'], numbers),
);
const actionMatch = matchOf('action', ['urn:oasis:names:tc:xacml:1.0:action:action-id'], actions);
const anyMatch = fc.oneof({ weight: 3, arbitrary: subjectMatch }, resourceMatch, actionMatch);

const anyOfFrom = (match: fc.Arbitrary<XMatch>, most: number) =>
  fc.array(fc.array(match, { minLength: 1, maxLength: most }), { minLength: 1, maxLength: 3 });
/** As policies are written, and as nobody writes them. */
const target: fc.Arbitrary<XTarget> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(anyOfFrom(subjectMatch, 2), anyOfFrom(resourceMatch, 1), anyOfFrom(actionMatch, 1)) },
  fc.array(anyOfFrom(anyMatch, 2), { maxLength: 3 }),
);
const ruleOf = (effect: fc.Arbitrary<XRule['effect']>): fc.Arbitrary<XRule> =>
  fc.record({ effect, target: fc.option(target, { nil: undefined, freq: 8 }) });
const few = { minLength: 0, maxLength: 4 };
export const policy: fc.Arbitrary<XPolicy> = fc.oneof(
  fc.record({
    combining: fc.constant('deny-overrides' as const),
    target: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.array(anyOfFrom(anyMatch, 2), { maxLength: 1 })),
    rules: fc.array(ruleOf(fc.constantFrom('Permit' as const, 'Permit' as const, 'Deny' as const)), few),
  }),
  fc.constantFrom('Permit' as const, 'Deny' as const).chain((effect) =>
    fc.record({
      combining: fc.constantFrom('permit-overrides' as const, 'first-applicable' as const),
      target: fc.constant([]),
      rules: fc.array(ruleOf(fc.constant(effect)), few),
    }),
  ),
);

export const asking = fc.record({
  kind: fc.constantFrom('organization' as const, 'person' as const),
  roles: fc.subarray(roles),
  packages: fc.subarray(packages),
  number: fc.constantFrom(...numbers),
  code: fc.option(fc.constantFrom(...codes)),
  partyId: fc.constantFrom(1, 2),
  itself: fc.boolean(),
  at: fc.constantFrom(...numbers),
  action: fc.constantFrom(...actions),
});
export type Asking = typeof asking extends fc.Arbitrary<infer T> ? T : never;

/** What the platform puts into a request for this caller: a role by both of its codes, the old one as it is written in capitals too. */
export function requestOf(given: Asking): XRequest {
  const organization = given.kind === 'organization';
  const codesHeld = given.roles.flatMap(({ code, alias }) => (alias ? [code, alias, alias.toUpperCase()] : [code]));
  const number = organization ? [given.number] : [];
  return {
    subject: {
      ...Object.fromEntries(roleAttributes.map((attribute) => [attribute, codesHeld])),
      'urn:altinn:accesspackage': given.packages,
      'urn:altinn:organization:identifier-no': number,
      'urn:altinn:organizationnumber': number,
      'urn:altinn:org': organization && given.code ? [given.code] : [],
      'urn:altinn:partyid': [String(given.partyId)],
      'urn:altinn:partytype': given.itself ? [given.kind] : [],
    },
    resource: { 'urn:altinn:resource': ['post'], 'urn:altinn:organization:identifier-no': [given.at] },
    action: { 'urn:oasis:names:tc:xacml:1.0:action:action-id': [given.action] },
  };
}
