import type { Caller } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';

/**
 * A party as its own client, where nobody asks and something is told by itself: what it may, it may by its own right, and by no scope. No
 * level of login is missing, since nobody logs in.
 */
export const asItself = (id: PartyId, kind: 'organization' | 'person' | 'system-user' = 'organization'): Caller => ({
  kind,
  issuer: 'altinn',
  subject: id,
  party: id,
  consumer: kind === 'organization' ? id : null,
  scopes: new Set(),
  authLevel: 4,
  clientId: null,
});
