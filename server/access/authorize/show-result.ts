import type { Verdict } from '../decide/decide.ts';
import type { Policy } from '../policy.ts';
import type { Unclear } from './read-attributes.ts';
import type { Echoed } from './read-request.ts';
import type { DecisionResult } from './wire.ts';

/** What became of a question. */
export type Outcome = { readonly verdict: Verdict; readonly policy: Pick<Policy, 'minLevel' | 'minLevelOrg'> } | Unclear;

const status = (value: string) => `urn:oasis:names:tc:xacml:1.0:status:${value}`;
const integer = 'http://www.w3.org/2001/XMLSchema#integer';
const decisions = { permit: 'Permit', deny: 'Deny', 'not-applicable': 'NotApplicable' } as const;

/**
 * Pure. The answer to one question. What a permission obliges to, a level of login, is for whoever asked to hold against its
 * token. Source: compatibility.md, platform, §2.6.
 */
export function showResult(outcome: Outcome, echoed: readonly Echoed[]): DecisionResult {
  const back = echoed.length > 0 ? { category: categoriesOf(echoed) } : {};
  if ('status' in outcome) {
    const { status: code, why } = outcome;
    return { decision: 'Indeterminate', status: { statusMessage: why, statusCode: { value: status(code) } }, ...back };
  }
  const { verdict, policy } = outcome;
  const obligations = verdict.effect === 'permit' ? obligationsOf(policy) : [];
  return {
    decision: decisions[verdict.effect],
    status: { statusCode: { value: status('ok') } },
    ...(obligations.length > 0 ? { obligations } : {}),
    ...back,
  };
}

/** Named as service owners' policies name them. */
function obligationsOf({ minLevel, minLevelOrg }: Pick<Policy, 'minLevel' | 'minLevelOrg'>) {
  const level = (n: number, category: string, value: number) => ({
    id: `urn:altinn:obligation:authenticationLevel${n}`,
    attributeAssignment: [
      { attributeId: `urn:altinn:obligation${n}-assignment${n}`, value: String(value), category, dataType: integer, issuer: null },
    ],
  });
  return [
    ...(minLevel > 0 ? [level(1, 'urn:altinn:minimum-authenticationlevel', minLevel)] : []),
    ...(minLevelOrg != null ? [level(2, 'urn:altinn:minimum-authenticationlevel-org', minLevelOrg)] : []),
  ];
}

function categoriesOf(echoed: readonly Echoed[]) {
  return [...Map.groupBy(echoed, ({ categoryId }) => categoryId)].map(([categoryId, own]) => ({
    categoryId,
    attribute: own.map(({ attributeId, value }) => ({ attributeId, value })),
  }));
}
