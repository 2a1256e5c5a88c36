import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ResourceId } from '#kernel/ids.ts';
import { Refusal } from '#kernel/refusal.ts';
import type { decide } from '../decide/decide.ts';
import type { readPolicy } from './read-policy.ts';
import { decideOurs } from './testing/ours.ts';
import { type Asking, asking, id, policy, requestOf, written, type XDecision, xPolicy } from './testing/standard.ts';

/**
 * Whether the comparison with the standard would notice: our decider and importer with one thing wrong, each tried on the same
 * policies. A mutant that decides all of them rightly would be a hole in `combining.test.ts`.
 */

/** A text of a source file, and what stands there in the mutant. */
type Mutant = readonly [what: string, from: string, to: string];

const inDecide: readonly Mutant[] = [
  ['a denial does not override', "rule.effect === 'deny' && applies(rule)", 'false'],
  ['no rule that permits is looked at', "const path = rule.effect === 'permit' ?", 'const path = false ?'],
  ['what no rule is about is denied', "effect: grant ? 'permit' : 'not-applicable'", "effect: grant ? 'permit' : 'deny'"],
  ['one part of a target is enough', 'if (!met) return undefined;', 'if (!met) continue;'],
  ['no alternative is enough', 'if (met) return path;', 'if (false) return path;'],
  ['one comparison of several is enough', 'const met = allOf.every(', 'const met = allOf.some('],
  ['case never counts', '(a, b) => a === b', '(a, b) => a.toLowerCase() === b.toLowerCase()'],
  ['case always counts', 'return (a, b) => a.toLowerCase() === b.toLowerCase()', 'return (a, b) => a === b'],
  ['any action meets', 'when(equals(ask.action))', 'when(true)'],
  ['any resource meets', 'return when(equals(resource));', 'return when(true);'],
  ['a step of a process meets', 'return when(false);', 'return when(true);'],
  ['the old code of a role counts for nothing', 'equals(fact.alias) ||', ''],
  ['an old code in capitals counts for nothing', '|| equals(fact.alias?.toUpperCase() ?? null)', ''],
  ['any role meets', "fact.kind === 'role' && (", "fact.kind === 'role' && (true || "],
  ['any package meets', "fact.kind === 'package' && equals(fact.value)", "fact.kind === 'package'"],
  ['a package meets as a role does', "return holding('package'", "return holding('role'"],
  ['whatever kind of party acts for itself', "fact.kind === 'self' && equals(fact.value)", "fact.kind === 'self'"],
  ['an organization is not known by its number', "named(subject.kind === 'organization' && equals(subject.number))", 'named(false)'],
  ['any organization code meets', 'named(equals(subject.orgCode))', 'named(true)'],
  ['any party id meets', 'named(equals(subject.partyId))', 'named(true)'],
  ['the number of the party is not compared', "when(party.kind === 'organization' && equals(party.number))", 'when(true)'],
];

const inReading: readonly Mutant[] = [
  ['the target of the policy is left out', 'const target: Target = [...shared, ...own];', 'const target: Target = own;'],
  ['the target of the rule is left out', 'const target: Target = [...shared, ...own];', 'const target: Target = shared;'],
  ['every rule permits', "if (effect === 'Deny') return 'deny';", "if (effect === 'Deny') return 'permit';"],
  ['the last rule is left out', "return childrenOf(policy, 'Rule').map(", "return childrenOf(policy, 'Rule').slice(0, -1).map("],
];

/** Files as they are loaded under `?mutant=…`. */
const sources = new Map<string, string>();
registerHooks({
  load(url, context, nextLoad) {
    const source = sources.get(url);
    return source === undefined ? nextLoad(url, context) : { format: 'module-typescript', source, shortCircuit: true };
  },
});

async function mutated(file: string, [what, from, to]: Mutant): Promise<Record<string, unknown>> {
  const url = new URL(file, import.meta.url);
  const source = readFileSync(url, 'utf8');
  assert.equal(source.split(from).length, 2, `${what}: ${from} stands not just once in ${file}`);
  url.search = `mutant=${encodeURIComponent(what)}`;
  sources.set(url.href, source.replace(from, to));
  return (await import(url.href)) as Record<string, unknown>;
}

interface Trial {
  readonly xml: string;
  readonly caller: Asking;
  readonly expected: XDecision;
}

const trials: Trial[] = fc
  .sample(fc.tuple(policy, fc.array(asking, { minLength: 8, maxLength: 8 })), { numRuns: 1000, seed: 20230711 })
  .flatMap(([given, callers]) => {
    const xml = written(given, 'xacml', '\n');
    return callers.map((caller) => ({ xml, caller, expected: xPolicy(given, requestOf(caller)) }));
  });

/** The first trial that is decided otherwise than the standard says; a policy that is refused is none. */
function firstWrong(read: typeof readPolicy, by?: typeof decide): Trial | undefined {
  const rules = new Map<string, ReturnType<typeof readPolicy>['rules'] | undefined>();
  return trials.find(({ xml, caller, expected }) => {
    if (!rules.has(xml)) rules.set(xml, readOrNot(read, xml));
    const known = rules.get(xml);
    return known !== undefined && decideOurs(known, caller, by) !== expected;
  });
}

function readOrNot(read: typeof readPolicy, xml: string) {
  try {
    return read(xml, id as ResourceId).rules;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

const { readPolicy: ownReading } = await import('./read-policy.ts');

test('given the decider as it is, when it is tried, then it decides every one of the trials as the standard says', () => {
  assert.equal(firstWrong(ownReading), undefined);
  assert.ok(trials.length >= 8000);
});

for (const mutant of inDecide) {
  test(`given a decider in which ${mutant[0]}, when it is tried, then it is caught`, async () => {
    const { decide: by } = await mutated('../decide/decide.ts', mutant);
    assert.ok(firstWrong(ownReading, by as typeof decide));
  });
}

for (const mutant of inReading) {
  test(`given an importer by which ${mutant[0]}, when it is tried, then it is caught`, async () => {
    const { readPolicy: read } = await mutated('./read-policy.ts', mutant);
    assert.ok(firstWrong(read as typeof readPolicy));
  });
}
