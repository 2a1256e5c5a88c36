import type { ResourceId } from '#kernel/ids.ts';
import { attribute, category, matchesOf, type Policy, type Rule, roleAttributes, ruleCovers, valuesNamed } from './policy.ts';
import { packagesNamed } from './shorthand.ts';
import type { NamedParties, WantedFacts } from './store/facts.ts';

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
    self: giving || valuesNamed(rules, [attribute.partyType]).length > 0 || rules.some(namesNobody),
    named: partiesNamed(valuesOf(rules)),
  };
}

/** Whoever acts for itself is the one that is known of those whom such a rule permits. */
function namesNobody(rule: Rule): boolean {
  return rule.effect === 'permit' && !matchesOf(rule).some((match) => match.category === category.subject);
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
