import type { Vitality } from '../store/standing.ts';

/** How likely it is that post is opened (compatibility.md, platform, §2.7). */
export type OpenabilityClass = 'UNREACHABLE' | 'GRANTABLE' | 'COLD' | 'REACHABLE' | 'PROVEN';

/** Somebody who can open, and what is known of it. */
export interface LivingOpener {
  readonly kind: 'person' | 'system';
  readonly vitality: Vitality | undefined;
}

/**
 * Pure. Nobody can open: GRANTABLE when somebody can give the right, else UNREACHABLE. Somebody opened post on the resource
 * for this party lately: PROVEN. Else REACHABLE as soon as one opener is warm, and COLD when none is.
 */
export function classify(openers: readonly LivingOpener[], grantors: number, proven: boolean, minLevel: number): OpenabilityClass {
  if (openers.length === 0) return grantors > 0 ? 'GRANTABLE' : 'UNREACHABLE';
  if (proven) return 'PROVEN';
  return openers.some((opener) => isWarm(opener, minLevel)) ? 'REACHABLE' : 'COLD';
}

/**
 * A person is warm who was here in the last 180 days, or of whom it is not known and who can be told of post; a system that
 * fetched in the last 30. Whoever never showed the level of login that is asked for, but a lower one, is not.
 */
export function isWarm({ kind, vitality }: LivingOpener, minLevel: number): boolean {
  if (!vitality) return false;
  if (vitality.level !== null && vitality.level < minLevel) return false;
  if (kind === 'system') return vitality.fetches;
  return vitality.isRecent || (!vitality.isKnown && vitality.hasContact);
}
