import { childOf, childrenOf, OutsideSubset } from './shape.ts';
import type { XmlElement } from './xml.ts';

/** The levels of login, 0 to 4, that a policy obliges whoever it permits to. */
export interface Levels {
  readonly minLevel: number;
  /** A lower one that is enough for a service owner's machine. */
  readonly minLevelOrg: number | null;
}

const levelCategory = 'urn:altinn:minimum-authenticationlevel';
const organizationCategory = 'urn:altinn:minimum-authenticationlevel-org';
const integerType = 'http://www.w3.org/2001/XMLSchema#integer';

/**
 * The obligations of a policy whose shape was checked. Where one is named twice the higher holds, since all must be met.
 * Throws OutsideSubset for an obligation of another kind: nobody here could fulfil it.
 */
export function readLevels(policy: XmlElement): Levels {
  const obligations = childrenOf(policy, 'ObligationExpressions').flatMap((all) => childrenOf(all, 'ObligationExpression'));
  const told = obligations.flatMap((obligation) => {
    if (obligation.attributes.get('FulfillOn') !== 'Permit') throw new OutsideSubset(obligation, 'FulfillOn is Permit');
    const assignments = childrenOf(obligation, 'AttributeAssignmentExpression');
    if (assignments.length === 0) throw new OutsideSubset(obligation, 'it obliges to nothing that is known here');
    return assignments.map((assignment) => ({ category: categoryOf(assignment), level: levelOf(childOf(assignment, 'AttributeValue')) }));
  });
  const highest = (category: string) =>
    told
      .filter((each) => each.category === category)
      .map((each) => each.level)
      .sort()
      .at(-1);
  return { minLevel: highest(levelCategory) ?? 0, minLevelOrg: highest(organizationCategory) ?? null };
}

function categoryOf(assignment: XmlElement): string {
  const category = assignment.attributes.get('Category') ?? '';
  if (category !== levelCategory && category !== organizationCategory) {
    throw new OutsideSubset(assignment, `Category is ${levelCategory} or ${organizationCategory}`);
  }
  return category;
}

function levelOf(value: XmlElement): number {
  if (value.attributes.get('DataType') !== integerType) throw new OutsideSubset(value, 'DataType is that of integers');
  if (!/^[0-4]$/.test(value.text.trim())) throw new OutsideSubset(value, 'a level of login is 0 to 4');
  return Number(value.text.trim());
}
