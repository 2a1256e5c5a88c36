import type { Caller } from '#kernel/context.ts';
import { passes, type Scope } from '#kernel/route.ts';

/**
 * `pass`; `unknown`: no token where one is needed; `forbidden`: the token is good, its issuer or scopes are not the route's;
 * `exchange`: a Maskinporten token where only tokens of Altinn or a dialog would do.
 */
export type Verdict = 'pass' | 'unknown' | 'forbidden' | 'exchange';

/** The coarse gate: does the token open this route at all? Source: compatibility.md, correspondence, §1.2. */
export function judge(scope: Scope, caller: Caller): Verdict {
  if (scope === 'open') return 'pass';
  if (caller.issuer === 'none') return 'unknown';
  if (scope.some((rule) => passes(rule, caller))) return 'pass';
  const takesMaskinporten = scope.some(({ issuer, isException }) => !isException && (issuer === 'any' || issuer === 'maskinporten'));
  return caller.issuer === 'maskinporten' && !takesMaskinporten ? 'exchange' : 'forbidden';
}
