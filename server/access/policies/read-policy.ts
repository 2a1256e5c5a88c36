import type { ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { type Rule, roleAttributes, type Target, valuesNamed } from '../policy.ts';
import { packagesNamed } from '../shorthand.ts';
import { policyErrors } from './errors.ts';
import { type Levels, readLevels } from './read-levels.ts';
import { actionsOf, neverMeets, readTarget } from './read-target.ts';
import { checkShape, childOf, childrenOf, OutsideSubset } from './shape.ts';
import { readXml, type XmlElement, XmlProblem } from './xml.ts';

/** What a policy in XACML says, in our own words. */
export interface ImportedPolicy extends Levels {
  readonly rules: readonly Rule[];
  /** Codes that the rules name, of either spelling. Whether they exist is for the database to say. */
  readonly roles: readonly string[];
  readonly packages: readonly string[];
}

/**
 * Reads a policy in XACML 3.0 (XML) as the rules of this resource. Pure. Every rule means what it means in the standard, or
 * the policy is refused as a whole: nothing is left out, rounded off or guessed.
 *
 * Refuses policyNotXml; policyOutsideSubset with the element's path and line; policyOfAnother for a rule whose target names
 * other resources only.
 * Source: compatibility.md, platform, §2.1 and §2.7; OASIS XACML 3.0, §5 and §7.
 */
export function readPolicy(xml: string, resource: ResourceId): ImportedPolicy {
  try {
    const policy = readXml(xml);
    checkRoot(policy);
    const rules = rulesOf(policy, resource);
    checkCombining(policy, rules);
    return { rules, roles: valuesNamed(rules, roleAttributes), packages: packagesNamed(rules), ...readLevels(policy) };
  } catch (error) {
    if (error instanceof XmlProblem) throw refuse(policyErrors.policyNotXml, { resource, place: '', why: error.message });
    if (error instanceof OutsideSubset) throw refuse(policyErrors.policyOutsideSubset, { resource, place: error.place, why: error.why });
    throw error;
  }
}

function checkRoot(policy: XmlElement): void {
  if (policy.name !== 'Policy') throw new OutsideSubset(policy, `a policy begins with Policy, not with ${policy.name}`);
  checkShape(policy);
}

function rulesOf(policy: XmlElement, resource: ResourceId): Rule[] {
  const shared = readTarget(childOf(policy, 'Target'));
  return childrenOf(policy, 'Rule').map((rule) => {
    const own = childrenOf(rule, 'Target').flatMap(readTarget);
    const target: Target = [...shared, ...own];
    if (neverMeets(target, resource)) {
      throw refuse(policyErrors.policyOfAnother, { resource, place: `${rule.path}, line ${rule.line}`, why: 'it names another resource' });
    }
    return { effect: effectOf(rule), actions: actionsOf(target), target };
  });
}

function effectOf(rule: XmlElement): Rule['effect'] {
  const effect = rule.attributes.get('Effect');
  if (effect === 'Permit') return 'permit';
  if (effect === 'Deny') return 'deny';
  throw new OutsideSubset(rule, 'Effect is Permit or Deny');
}

const denyOverrides = [
  'urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-overrides',
  'urn:oasis:names:tc:xacml:1.0:rule-combining-algorithm:deny-overrides',
  'urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:ordered-deny-overrides',
  'urn:oasis:names:tc:xacml:1.1:rule-combining-algorithm:ordered-deny-overrides',
];

/** These differ from deny-overrides only where rules of both effects apply. */
const theSameForOneEffect = [
  'urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:permit-overrides',
  'urn:oasis:names:tc:xacml:1.0:rule-combining-algorithm:permit-overrides',
  'urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:ordered-permit-overrides',
  'urn:oasis:names:tc:xacml:1.1:rule-combining-algorithm:ordered-permit-overrides',
  'urn:oasis:names:tc:xacml:1.0:rule-combining-algorithm:first-applicable',
];

/** No rule of the subset is ever indeterminate, so that deny-overrides is all that needs to be known of combining. */
function checkCombining(policy: XmlElement, rules: readonly Rule[]): void {
  const algorithm = policy.attributes.get('RuleCombiningAlgId')!;
  if (denyOverrides.includes(algorithm)) return;
  const effects = new Set(rules.map(({ effect }) => effect));
  if (theSameForOneEffect.includes(algorithm) && effects.size <= 1) return;
  throw new OutsideSubset(policy, 'RuleCombiningAlgId is read as deny-overrides only, where rules both permit and deny');
}
