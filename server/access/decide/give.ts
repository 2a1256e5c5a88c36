import type { Policy } from '../policy.ts';
import { packagesNamed } from '../shorthand.ts';
import { type Ask, decide } from './decide.ts';
import { factsOf, type SubjectFacts } from './facts.ts';

/**
 * What an access manager does not give, though it holds it: access packages that cannot be handed on, and those that the main
 * administrator alone hands on. A test holds this to the seed.
 */
export const keptFromManagers: ReadonlySet<string> = new Set([
  'post-til-virksomheten-med-taushetsbelagt-innhold',
  'eksplisitt',
  'hovedadministrator',
  'tilgangsstyrer',
  'tilgangsstyring-enkeltinstanser',
  'klientadministrator',
  'konkursbo-tilgangsstyrer',
  'ffor-tilgangsstyrer-nuf',
  'maskinporten-administrator',
  'maskinporten-scopes',
  'maskinporten-scopes-nuf',
  'maskinlesbare-hendelser',
  'virksomhetens-representant-skjemaoppgaver',
]);

/**
 * Pure. How somebody may give this access package at this party, or undefined: by a role that hands it on, as main
 * administrator within what those hand on, or as access manager what it holds itself
 * and may hand on. A person gives what it is given by
 * being a private person.
 * Source: compatibility.md, platform, §2.2.
 */
export function mayGivePackage(code: string, given: SubjectFacts): readonly string[] | undefined {
  if (given.subject.kind !== 'person') return undefined;
  const handedOn = factsOf(given, 'hands-on').find((fact) => fact.value === code);
  if (handedOn) return handedOn.path;
  const manager = keptFromManagers.has(code) ? undefined : administrator(given, 'tilgangsstyrer');
  const held = manager && factsOf(given, 'package').find((fact) => fact.value === code);
  return held && manager.path;
}

/**
 * Pure. How somebody may let agents of its organization use this access package at a client, or take it from them; undefined where
 * it may not. A main administrator of the organization whatever that has there; an access manager what it has there itself and may
 * hand on. Of a package for clients to come only what kind it is can be asked: `atClient` is null then.
 */
export function mayLetAgentsUse(code: string, atProvider: SubjectFacts, atClient: SubjectFacts | null): readonly string[] | undefined {
  const main = factsOf(atProvider, 'self')[0] ?? administrator(atProvider, 'hovedadministrator');
  if (main) return main.path;
  const manager = keptFromManagers.has(code) ? undefined : administrator(atProvider, 'tilgangsstyrer');
  if (!manager) return undefined;
  const isHeld = atClient === null || factsOf(atClient, 'package').some((fact) => fact.value === code);
  return isHeld ? manager.path : undefined;
}

/**
 * Pure. How somebody may give this very resource at this party, or undefined: a main administrator any, an access manager
 * what it may itself by what it may hand on, and a person its own post.
 */
export function mayGiveResource(policy: Policy, ask: Ask, given: SubjectFacts): readonly string[] | undefined {
  if (given.subject.kind !== 'person') return undefined;
  const main = ask.party.kind === 'organization' ? administrator(given, 'hovedadministrator') : undefined;
  if (main) return main.path;
  const manager = administrator(given, 'tilgangsstyrer');
  const own = factsOf(given, 'self')[0];
  const permits = (by: SubjectFacts) => decide(policy, ask, by).effect === 'permit';
  if (own && permits(given)) return (manager ?? own).path;
  return manager && permits(toHandOn(given)) ? manager.path : undefined;
}

function toHandOn(given: SubjectFacts): SubjectFacts {
  return { ...given, facts: given.facts.filter(({ kind, value }) => kind !== 'package' || !keptFromManagers.has(value)) };
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
