import type { PartyId, ResourceId } from '#kernel/ids.ts';

/**
 * One comparison of a rule: the attribute of the subject, the resource or the action that it looks at, how it compares,
 * and with what. Category, attribute and match are the names that XACML 3.0 and Altinn's policies use, unabridged, so that
 * a policy written as XACML means the same here.
 */
export interface Match {
  readonly category: string;
  readonly attribute: string;
  readonly match: string;
  readonly value: string;
}

/** All of (any of (all of matches)). An empty target is met by everybody. */
export type Target = readonly (readonly (readonly Match[])[])[];

/** What a rule permits or denies. No actions: every action. */
export interface Rule {
  readonly effect: 'permit' | 'deny';
  readonly actions: readonly string[];
  readonly target: Target;
}

/** What is decided on: a resource's rules and what must hold besides them. */
export interface Policy {
  readonly id: ResourceId;
  readonly ownerId: PartyId;
  readonly rules: readonly Rule[];
  /** The lowest level of login, 0 to 4. */
  readonly minLevel: number;
  /** A lower one that is enough for a service owner's machine; left out or null: there is none. */
  readonly minLevelOrg?: number | null;
  /** Only persons open what is sent on it: a system that may read makes nobody reachable. Left out: anybody does. */
  readonly demandsPerson?: boolean;
  /** Only the organizations in this list may be acted for. */
  readonly accessList: string | null;
  /** The same with several lists, each for some actions; it holds beside `accessList`. Left out or null: nobody is kept out. */
  readonly lists?: readonly ListedActions[] | null;
}

/** A list whose organizations may be acted for; by these actions in lower case, or (null) by all. */
export interface ListedActions {
  readonly list: string;
  readonly actions: readonly string[] | null;
}

export const category = {
  subject: 'urn:oasis:names:tc:xacml:1.0:subject-category:access-subject',
  resource: 'urn:oasis:names:tc:xacml:3.0:attribute-category:resource',
  action: 'urn:oasis:names:tc:xacml:3.0:attribute-category:action',
} as const;

export const matching = {
  equal: 'urn:oasis:names:tc:xacml:1.0:function:string-equal',
  equalIgnoreCase: 'urn:oasis:names:tc:xacml:3.0:function:string-equal-ignore-case',
} as const;

export const attribute = {
  role: 'urn:altinn:rolecode',
  registeredRole: 'urn:altinn:external-role:ccr',
  guardianRole: 'urn:altinn:external-role:cra',
  ownRole: 'urn:altinn:role',
  package: 'urn:altinn:accesspackage',
  organizationNumber: 'urn:altinn:organization:identifier-no',
  legacyOrganizationNumber: 'urn:altinn:organizationnumber',
  personNumber: 'urn:altinn:person:identifier-no',
  orgCode: 'urn:altinn:org',
  partyNumber: 'urn:altinn:partyid',
  partyUuid: 'urn:altinn:party:uuid',
  systemUser: 'urn:altinn:systemuser:uuid',
  /** Of a subject: the party itself acts, and it is of this kind. */
  partyType: 'urn:altinn:partytype',
  resource: 'urn:altinn:resource',
  instance: 'urn:altinn:resource:instance-id',
  /** Of an application: a step of its process. Nothing here is ever at one. */
  task: 'urn:altinn:task',
  action: 'urn:oasis:names:tc:xacml:1.0:action:action-id',
} as const;

/** Attributes whose value is the code of a role, in one of its spellings. */
export const roleAttributes: readonly string[] = [attribute.role, attribute.registeredRole, attribute.guardianRole, attribute.ownRole];

/** Whether a rule speaks of an action. */
export function ruleCovers(rule: Rule, action: string): boolean {
  return rule.actions.length === 0 || rule.actions.some((each) => each.toLowerCase() === action.toLowerCase());
}

/** Every comparison of a rule, wherever it stands. */
export function matchesOf(rule: Rule): Match[] {
  return rule.target.flat(2);
}

/** The values that the rules' comparisons of one of these attributes name, without repetition. */
export function valuesNamed(rules: readonly Rule[], attributes: readonly string[], categoryName: string = category.subject): string[] {
  const named = rules.flatMap(matchesOf).filter((match) => match.category === categoryName && attributes.includes(match.attribute));
  return [...new Set(named.map((match) => match.value))];
}

/** Whether a rule permits without asking anything of the subject. */
export function permitsWhoever(rule: Rule): boolean {
  return rule.effect === 'permit' && !matchesOf(rule).some((match) => match.category === category.subject);
}
