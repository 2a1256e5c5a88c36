import type { ResourceId } from '#kernel/ids.ts';
import { codeOf } from '../codes.ts';
import { attribute, type Policy, permitsWhoever, roleAttributes, ruleCovers, valuesNamed } from '../policy.ts';
import type { Texts } from '../resource.ts';
import { explicitPackage, packagesNamed } from '../shorthand.ts';
import type { Package, Service } from './store.ts';

export type Kind = 'ordinary' | 'confidential' | 'files';

/** What it takes to open some services' post: one gift gives it for all of them. */
export interface Right {
  readonly key: string;
  readonly kind: Kind;
  /** What would be given: the package, or the one service; neither where several services are opened by roles alone. */
  readonly package: string | null;
  readonly resource: ResourceId | null;
  /** Of the package, or of the one service. */
  readonly title: Texts | null;
  /** Of a single service. */
  readonly owner: string | null;
  readonly services: readonly Service[];
}

interface Known {
  readonly policies: ReadonlyMap<ResourceId, Policy>;
  readonly packages: ReadonlyMap<string, Package>;
}

/** Pure. Confidential services that are given one by one, as one: of each alone nothing is told to who may not read on it. */
export function asOne(services: readonly Service[]): Right {
  return { ...{ key: 'confidential one by one', kind: 'confidential', package: null, resource: null, title: null, owner: null }, services };
}

/** Pure. Services gathered by the right that they take, without those whose post is for persons only. */
export function rightsOf(services: readonly Service[], { policies, packages }: Known): Right[] {
  const groups = Map.groupBy(
    services.filter(({ id }) => isForOrganizations(policies.get(id), packages)),
    (service) => keyOf(service, packageOf(policies.get(service.id)!, packages), policies.get(service.id)!),
  );
  return [...groups].map(([key, some]) => {
    const [first, ...others] = some as [Service, ...Service[]];
    const code = packageOf(policies.get(first.id)!, packages);
    const only = others.length === 0 ? first : null;
    return {
      ...{ key, kind: kindOf(first), package: code, resource: code === null ? (only?.id ?? null) : null, services: some },
      ...{ title: code === null ? (only?.title ?? null) : packages.get(code)!.name, owner: code === null ? (only?.owner ?? null) : null },
    };
  });
}

function kindOf({ confidential, isOfFiles }: Service): Kind {
  if (confidential) return 'confidential';
  return isOfFiles ? 'files' : 'ordinary';
}

/** Services that are given one by one stand by themselves; others that name no package that can be given go by what they ask. */
function keyOf(service: Service, code: string | null, policy: Policy): string {
  const isExplicit = packagesNamed(policy.rules, 'read').includes(explicitPackage);
  const by = code ?? (isExplicit ? service.id : service.policyClass);
  return `${kindOf(service)} ${by}`;
}

function packageOf({ rules }: Policy, packages: Known['packages']): string | null {
  return packagesNamed(rules, 'read').find((code) => packages.get(code)?.isAssignable && !packages.get(code)?.isPersonal) ?? null;
}

/** Roles that everybody has in their own matters. */
const ownRoles: ReadonlySet<string> = new Set(['priv', 'seln', 'privatperson', 'selvregistrert']);

/** Whether anybody at an organization could ever read by these rules, as far as they say. */
function isForOrganizations(policy: Policy | undefined, packages: Known['packages']): boolean {
  const rules = (policy?.rules ?? []).filter((rule) => rule.effect === 'permit' && ruleCovers(rule, 'read'));
  if (rules.some(permitsWhoever)) return true;
  if (valuesNamed(rules, roleAttributes).some((role) => !ownRoles.has(codeOf(role)))) return true;
  if (packagesNamed(rules).some((code) => packages.get(code)?.isPersonal === false)) return true;
  return valuesNamed(rules, [attribute.partyType]).includes('organization');
}
