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
  /** The person who subscribed for its organization, from a browser. */
  readonly actor?: PartyId;
}

/** Of its scopes only that which makes it an owner of services counts later. */
export function keepCaller({ kind, issuer, subject, party, consumer, scopes, authLevel, actor }: Caller): KeptCaller {
  const kept = [...scopes].filter((scope) => scope === ownerScope);
  return { kind, issuer, subject, party, consumer, scopes: kept, authLevel, ...(actor ? { actor } : {}) };
}

export function keptCaller({ actor: _actor, ...kept }: KeptCaller): Caller {
  return { ...kept, scopes: new Set(kept.scopes), clientId: null };
}

export const ownerScope = 'altinn:serviceowner';

/**
 * Whoever administers access acts as their organization itself from a browser: what they subscribe to is its own, with all that its own
 * client hears. Anybody else is who they are.
 */
export function asItself(caller: Caller): Caller {
  const isItself = caller.actor !== undefined && caller.kind === 'organization';
  return isItself ? { ...caller, scopes: new Set([...caller.scopes, ownerScope]) } : caller;
}

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

/** The names by which the caller has subscriptions: from a browser an organization sees those of all its clients. */
export function consumerNames(caller: Caller, party: Party): string[] {
  const itself = asItself(caller);
  return [...new Set([consumerName(itself, party), consumerName(caller, party)])];
}
