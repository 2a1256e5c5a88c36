import { type Ask, decide } from './decide.ts';
import { factsOf, type SubjectFacts } from './facts.ts';
import type { Policy } from './policy.ts';
import { packagesNamed } from './shorthand.ts';

/**
 * Pure. How somebody may give this access package at this party, or undefined: by a role that hands it on, as main
 * administrator within what those hand on, or as access manager what it holds itself. A person gives what it is given by
 * being a private person.
 * Source: compatibility.md, platform, §2.2.
 */
export function mayGivePackage(code: string, given: SubjectFacts): readonly string[] | undefined {
  if (given.subject.kind !== 'person') return undefined;
  const handedOn = factsOf(given, 'hands-on').find((fact) => fact.value === code);
  if (handedOn) return handedOn.path;
  const manager = administrator(given, 'tilgangsstyrer');
  const held = manager && factsOf(given, 'package').find((fact) => fact.value === code);
  return held && manager.path;
}

/**
 * Pure. How somebody may give this very resource at this party, or undefined: a main administrator any, an access manager
 * what it may itself, and a person its own post.
 */
export function mayGiveResource(policy: Policy, ask: Ask, given: SubjectFacts): readonly string[] | undefined {
  if (given.subject.kind !== 'person') return undefined;
  const main = ask.party.kind === 'organization' ? administrator(given, 'hovedadministrator') : undefined;
  if (main) return main.path;
  const manager = administrator(given, 'tilgangsstyrer');
  const own = factsOf(given, 'self')[0];
  const reason = manager ?? own;
  return reason && decide(policy, ask, given).effect === 'permit' ? reason.path : undefined;
}

/** Pure. How somebody could make this open to a person: by a package that the rules name, or by the resource itself. */
export function couldMakeOpen(policy: Policy, ask: Ask, given: SubjectFacts): readonly string[] | undefined {
  for (const code of packagesNamed(policy.rules, ask.action)) {
    const path = mayGivePackage(code, given);
    if (path) return path;
  }
  return mayGiveResource(policy, ask, given);
}

function administrator(given: SubjectFacts, value: string) {
  return factsOf(given, 'administrator').find((fact) => fact.value === value);
}
