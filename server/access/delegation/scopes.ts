import type { Caller } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import type { TokenRule } from '#kernel/route.ts';
import { delegationErrors } from './errors.ts';

const portal = 'altinn:portal/enduser';
const of = (direction: 'toothers' | 'fromothers', act: 'read' | 'write') =>
  `altinn:accessmanagement/enduser:connections:${direction}.${act}`;

/** Scopes of the original for what a party gives to others and gets from others; an inbox carries one for all. */
export const connectionScope: readonly TokenRule[] = [
  portal,
  of('toothers', 'read'),
  of('toothers', 'write'),
  of('fromothers', 'read'),
  of('fromothers', 'write'),
].map((scope) => ({ issuer: 'altinn', all: [scope] }));

/** Whoever reads post by a token does not give it away by that: giving takes a scope that is for giving. */
export const givingScope: readonly TokenRule[] = [portal, of('toothers', 'write')].map((scope) => ({ issuer: 'altinn', all: [scope] }));
/** Whoever was given something may give it up, too. */
export const takingScope: readonly TokenRule[] = [portal, of('toothers', 'write'), of('fromothers', 'write')].map((scope) => ({
  issuer: 'altinn',
  all: [scope],
}));

/** The coarse gate lets any direction pass; which one it is shows when the parties are known. Whoever may write may read. Refuses scopeMissing. */
export function demandScope(caller: Caller, direction: 'toothers' | 'fromothers', act: 'read' | 'write'): void {
  const enough = [portal, of(direction, 'write'), ...(act === 'read' ? [of(direction, 'read')] : [])];
  if (!enough.some((scope) => caller.scopes.has(scope))) throw refuse(delegationErrors.scopeMissing);
}

export const authorizedPartiesScope: readonly TokenRule[] = [portal, 'altinn:accessmanagement/authorizedparties', 'altinn:enduser'].map(
  (scope) => ({ issuer: 'altinn', all: [scope] }),
);

/** Service owners ask with a Maskinporten token or an exchanged one. */
export const ownerRules = (...scopes: string[]): readonly TokenRule[] =>
  scopes.flatMap((scope): TokenRule[] => [
    { issuer: 'altinn', all: [scope] },
    { issuer: 'maskinporten', all: [scope] },
  ]);
