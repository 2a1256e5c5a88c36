import type { XmlElement } from './xml.ts';

export const xacmlNamespace = 'urn:oasis:names:tc:xacml:3.0:core:schema:wd-17';

/** How often a child stands: once, at most once, any number of times, at least once. */
type Often = '1' | '?' | '*' | '+';

interface Shape {
  readonly attributes?: readonly string[];
  readonly optional?: readonly string[];
  readonly children?: Readonly<Record<string, Often>>;
  readonly text?: true;
}

/**
 * The elements of XACML 3.0 that policies of the Norwegian public sector use, as the schema of the standard has them (OASIS
 * XACML 3.0, §5). What does not stand here is refused by name: conditions, variables, functions, policy sets, advice.
 */
const shapes: Readonly<Record<string, Shape>> = {
  Policy: {
    attributes: ['PolicyId', 'Version', 'RuleCombiningAlgId'],
    children: { Description: '?', PolicyDefaults: '?', Target: '1', Rule: '*', ObligationExpressions: '?' },
  },
  Description: { text: true },
  PolicyDefaults: { children: { XPathVersion: '1' } },
  XPathVersion: { text: true },
  Target: { children: { AnyOf: '*' } },
  AnyOf: { children: { AllOf: '+' } },
  AllOf: { children: { Match: '+' } },
  Match: { attributes: ['MatchId'], children: { AttributeValue: '1', AttributeDesignator: '1' } },
  AttributeValue: { attributes: ['DataType'], text: true },
  AttributeDesignator: { attributes: ['AttributeId', 'Category', 'DataType', 'MustBePresent'] },
  Rule: { attributes: ['RuleId', 'Effect'], children: { Description: '?', Target: '?' } },
  ObligationExpressions: { children: { ObligationExpression: '+' } },
  ObligationExpression: { attributes: ['ObligationId', 'FulfillOn'], children: { AttributeAssignmentExpression: '*' } },
  AttributeAssignmentExpression: { attributes: ['AttributeId'], optional: ['Category'], children: { AttributeValue: '1' } },
};

/** Something in a policy that is outside what is read. `why` names elements and attributes, never values. */
export class OutsideSubset extends Error {
  readonly place: string;
  readonly why: string;
  constructor(element: XmlElement, why: string) {
    super(`${element.path}, line ${element.line}: ${why}`);
    this.name = 'OutsideSubset';
    this.place = `${element.path}, line ${element.line}`;
    this.why = why;
  }
}

/** Holds an element and all below it against the subset. Throws OutsideSubset at the first that does not fit, from the top. */
export function checkShape(element: XmlElement): void {
  const shape = element.namespace === xacmlNamespace ? shapes[element.name] : undefined;
  if (!shape) throw new OutsideSubset(element, `${element.name} is not read`);
  checkAttributes(element, shape);
  if (!shape.text && element.text.trim() !== '') throw new OutsideSubset(element, 'text does not belong here');
  const allowed = shape.children ?? {};
  for (const child of element.children) {
    if (!Object.hasOwn(allowed, child.name)) throw new OutsideSubset(child, `${child.name} is not read in ${element.name}`);
  }
  for (const [name, often] of Object.entries(allowed)) {
    const count = childrenOf(element, name).length;
    if (count > 1 && (often === '1' || often === '?')) throw new OutsideSubset(element, `it has more than one ${name}`);
    if (count === 0 && (often === '1' || often === '+')) throw new OutsideSubset(element, `it lacks ${name}`);
  }
  for (const child of element.children) checkShape(child);
}

function checkAttributes(element: XmlElement, { attributes = [], optional = [] }: Shape): void {
  for (const name of element.attributes.keys()) {
    if (!attributes.includes(name) && !optional.includes(name)) throw new OutsideSubset(element, `the attribute ${name} is not read`);
  }
  for (const name of attributes) if (!element.attributes.has(name)) throw new OutsideSubset(element, `it lacks the attribute ${name}`);
}

export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

/** The one child of this name in an element whose shape was checked. */
export function childOf(element: XmlElement, name: string): XmlElement {
  return childrenOf(element, name)[0]!;
}
