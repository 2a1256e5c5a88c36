import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ResourceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import type { Rule } from '../policy.ts';
import { readPolicy } from './read-policy.ts';
import { decideOurs } from './testing/ours.ts';
import { asking, id, policy, requestOf, written, type XPolicy, type XRequest, xPolicy, xTarget } from './testing/standard.ts';

/** Any policy of the subset against the words of the standard, by an evaluator that shares no code with the server. */

test('given any policy of the subset and any caller, when both ask, then the server decides as the standard says', () => {
  const seen: Record<string, number> = {};
  fc.assert(
    fc.property(
      policy,
      fc.array(asking, { minLength: 8, maxLength: 8 }),
      fc.constantFrom('', 'xacml', 'p'),
      fc.constantFrom('', '\n  ', '\r\n<!-- DAGL -->\r\n'),
      (given, callers, prefix, noise) => {
        const xml = written(given, prefix, noise);
        const read = readOrRefused(xml);
        for (const caller of callers) {
          const request = requestOf(caller);
          if (read instanceof Refusal) refusedRightly(read, given, request);
          else {
            const expected = xPolicy(given, request);
            assert.equal(decideOurs(read, caller), expected, xml);
            seen[expected] = (seen[expected] ?? 0) + 1;
          }
        }
      },
    ),
    { numRuns: Number(process.env.FC_RUNS ?? 1000) },
  );
  for (const decision of ['Permit', 'Deny', 'NotApplicable']) assert.ok((seen[decision] ?? 0) > 20, JSON.stringify(seen));
});

function readOrRefused(xml: string): readonly Rule[] | Refusal {
  try {
    return readPolicy(xml, id as ResourceId).rules;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** The one refusal that a policy of the subset may meet: a rule of it names other resources only, and so applies to nothing asked here. */
function refusedRightly({ row, facts }: Refusal, given: XPolicy, request: XRequest): void {
  assert.equal(row.code, 9152);
  const rule = given.rules[Number(/Rule\[(\d+)\]/.exec(String(facts.place))![1]) - 1]!;
  assert.ok(!xTarget([...given.target, ...(rule.target ?? [])], request));
}
