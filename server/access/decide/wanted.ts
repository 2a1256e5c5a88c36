import type { ResourceId } from '#kernel/ids.ts';
import { attribute, type Policy, permitsWhoever, roleAttributes, ruleCovers, valuesNamed } from '../policy.ts';
import { packagesNamed } from '../shorthand.ts';
import type { Subject } from './facts.ts';

/** What the rules at hand may ask about. Facts that no rule asks about are not fetched: an organization has thousands. */
export interface WantedFacts {
  /** Codes of roles in either spelling, lower case. */
  readonly roles: readonly string[];
  readonly packages: readonly string[];
  readonly resources: readonly ResourceId[];
  readonly instances: readonly string[];
  /** Packages for which it is asked who may give them to others. Empty: nobody's power to give is fetched. */
  readonly handedOn: readonly string[];
  /** Whether main administrators and access managers are wanted. */
  readonly administrators: boolean;
  /** Whether it is wanted that the party itself acts. */
  readonly self: boolean;
  /** Parties that rules name outright. */
  readonly named: NamedParties;
}

export interface NamedParties {
  readonly numbers: readonly string[];
  readonly orgCodes: readonly string[];
  readonly partyIds: readonly number[];
  readonly ids: readonly string[];
}

/** One thing that is asked about: an action on a resource, and on which message or attachment. */
export interface Asked {
  readonly resource: ResourceId;
  readonly action: string;
  readonly instance: string | null;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What must be known to decide all that is asked, and, if wanted, to tell who could give it. */
export function wantedFor(policies: ReadonlyMap<ResourceId, Policy>, asked: readonly Asked[], giving: boolean): WantedFacts {
  const actions = new Map<ResourceId, Set<string>>();
  for (const { resource, action } of asked) actions.set(resource, (actions.get(resource) ?? new Set()).add(action));
  const rules = [...actions].flatMap(([resource, some]) =>
    (policies.get(resource)?.rules ?? []).filter((rule) => [...some].some((action) => ruleCovers(rule, action))),
  );
  const packages = packagesNamed(rules);
  return {
    roles: valuesNamed(rules, roleAttributes).map((code) => code.toLowerCase()),
    packages,
    resources: [...actions.keys()],
    instances: [...new Set(asked.flatMap(({ instance }) => (instance === null ? [] : [instance])))],
    handedOn: giving ? packages : [],
    administrators: giving,
    // Of those whom a rule permits whoever they are, the party itself is the one that is known.
    self: giving || valuesNamed(rules, [attribute.partyType]).length > 0 || rules.some(permitsWhoever),
    named: partiesNamed(valuesOf(rules)),
  };
}

function valuesOf(rules: Policy['rules']): (...attributes: string[]) => string[] {
  return (...attributes) => valuesNamed(rules, attributes);
}

function partiesNamed(values: (...attributes: string[]) => string[]): NamedParties {
  return {
    numbers: values(attribute.organizationNumber, attribute.legacyOrganizationNumber, attribute.personNumber),
    orgCodes: values(attribute.orgCode),
    partyIds: values(attribute.partyNumber)
      .filter((value) => /^\d{1,9}$/.test(value))
      .map(Number),
    ids: values(attribute.partyUuid, attribute.systemUser).filter((value) => uuid.test(value)),
  };
}

/** Whether rules name parties outright: who those are has no version at the party that is asked about. */
export function namesParties({ named }: WantedFacts): boolean {
  return named.numbers.length + named.orgCodes.length + named.partyIds.length + named.ids.length > 0;
}

/** Whether rules name this very party. */
export function isNamed({ id, number, orgCode, partyId }: Subject, { numbers, orgCodes, partyIds, ids }: NamedParties): boolean {
  return (
    (number !== null && numbers.includes(number)) ||
    (orgCode !== null && orgCodes.includes(orgCode)) ||
    partyIds.includes(partyId) ||
    ids.some((each) => each.toLowerCase() === id)
  );
}
