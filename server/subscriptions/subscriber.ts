import type { Caller, Issuer } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { Party } from '#register/index.ts';

/** The caller as a row keeps it, so that each event is judged in its name. */
export interface KeptCaller {
  readonly kind: Caller['kind'];
  readonly issuer: Issuer;
  readonly subject: PartyId | null;
  readonly party: PartyId | null;
  readonly consumer: PartyId | null;
  readonly scopes: readonly string[];
  readonly authLevel: number;
}

/** Of its scopes only that which makes it an owner of services counts later. */
export function keepCaller({ kind, issuer, subject, party, consumer, scopes, authLevel }: Caller): KeptCaller {
  return { kind, issuer, subject, party, consumer, scopes: [...scopes].filter((scope) => scope === ownerScope), authLevel };
}

export function keptCaller(kept: KeptCaller): Caller {
  return { ...kept, scopes: new Set(kept.scopes), clientId: null };
}

export const ownerScope = 'altinn:serviceowner';

/**
 * The name by which the original knows a subscriber: a service owner's code, a person, a system user, or an organization, in
 * that order. `party` is whom the caller acts for. Source: compatibility.md, platform, §4.2.
 */
export function consumerName(caller: Caller, party: Party): string {
  if (caller.kind === 'organization' && party.orgCode !== null && caller.scopes.has(ownerScope)) return `/org/${party.orgCode}`;
  if (caller.kind === 'person') return `/user/${party.partyId}`;
  if (caller.kind === 'system-user') return `/systemuser/${caller.subject}`;
  return `/organisation/${party.number}`;
}
