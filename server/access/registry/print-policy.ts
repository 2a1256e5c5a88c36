import type { ResourceId } from '#kernel/ids.ts';
import { type Match, matching, type Policy, type Rule, type Target } from '../policy.ts';

const string = 'http://www.w3.org/2001/XMLSchema#string';
const integer = 'http://www.w3.org/2001/XMLSchema#integer';

/**
 * Pure. Rules as a policy in XACML 3.0 that the importer reads as the same rules: for resources whose policy nobody wrote in
 * XML, such as those of a town document's readers.
 */
export function printPolicy({ id, rules, minLevel, minLevelOrg }: Policy): string {
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<xacml:Policy xmlns:xacml="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17"',
    `  PolicyId="urn:altinn:resource:${escaped(id)}" Version="1.0"`,
    '  RuleCombiningAlgId="urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-overrides">',
    '  <xacml:Target/>',
    ...rules.map((rule, i) => printRule(id, rule, i + 1)),
    ...printLevels(minLevel, minLevelOrg ?? null),
    '</xacml:Policy>',
    '',
  ].join('\n');
}

function printRule(id: ResourceId, { effect, target }: Rule, n: number): string {
  const named = `<xacml:Rule RuleId="urn:altinn:resource:${escaped(id)}:ruleid:${n}" Effect="${effect === 'permit' ? 'Permit' : 'Deny'}"`;
  return target.length === 0 ? `  ${named}/>` : `  ${named}>\n${printTarget(target)}\n  </xacml:Rule>`;
}

function printTarget(target: Target): string {
  const anyOf = target.map((ways) => `      <xacml:AnyOf>\n${ways.map(printAllOf).join('\n')}\n      </xacml:AnyOf>`);
  return `    <xacml:Target>\n${anyOf.join('\n')}\n    </xacml:Target>`;
}

function printAllOf(matches: readonly Match[]): string {
  return `        <xacml:AllOf>\n${matches.map(printMatch).join('\n')}\n        </xacml:AllOf>`;
}

function printMatch({ category, attribute, match, value }: Match): string {
  return [
    `          <xacml:Match MatchId="${match === matching.equal ? matching.equal : matching.equalIgnoreCase}">`,
    `            <xacml:AttributeValue DataType="${string}">${escaped(value)}</xacml:AttributeValue>`,
    `            <xacml:AttributeDesignator AttributeId="${attribute}" Category="${category}" DataType="${string}" MustBePresent="false"/>`,
    '          </xacml:Match>',
  ].join('\n');
}

function printLevels(minLevel: number, minLevelOrg: number | null): string[] {
  const levels = [
    ...(minLevel > 0 ? [{ n: 1, category: 'urn:altinn:minimum-authenticationlevel', level: minLevel }] : []),
    ...(minLevelOrg !== null ? [{ n: 2, category: 'urn:altinn:minimum-authenticationlevel-org', level: minLevelOrg }] : []),
  ];
  if (levels.length === 0) return [];
  const printed = levels.map(({ n, category, level }) =>
    [
      `    <xacml:ObligationExpression ObligationId="urn:altinn:obligation:authenticationLevel${n}" FulfillOn="Permit">`,
      `      <xacml:AttributeAssignmentExpression AttributeId="urn:altinn:obligation${n}-assignment${n}" Category="${category}">`,
      `        <xacml:AttributeValue DataType="${integer}">${level}</xacml:AttributeValue>`,
      '      </xacml:AttributeAssignmentExpression>',
      '    </xacml:ObligationExpression>',
    ].join('\n'),
  );
  return ['  <xacml:ObligationExpressions>', ...printed, '  </xacml:ObligationExpressions>'];
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
