import type { Caller } from '#kernel/context.ts';

/** Who acted and by what right, for the `who` part of a row. Parties by the register's id, never by a number. */
export interface Actor {
  readonly actor: {
    readonly kind: Caller['kind'] | 'budstikke';
    readonly party?: string;
    /** Set when it is another than the actor itself. */
    readonly actsFor?: string;
    readonly consumer?: string;
    readonly client?: string;
    readonly issuer?: string;
    readonly level?: number;
  };
  /** How the actor had the right: the path that access walked, in its own words. */
  readonly right?: readonly string[];
}

/**
 * The caller as evidence names it; `path` is the path of the decision that let it through. Of a person who acts as an organization
 * both are named.
 */
export function actorOf(caller: Caller, path?: readonly string[]): Actor {
  const party = caller.actor ?? caller.subject;
  const actor = {
    kind: caller.actor ? ('person' as const) : caller.kind,
    ...(party ? { party } : {}),
    ...(caller.party && caller.party !== party ? { actsFor: caller.party } : {}),
    ...(caller.consumer ? { consumer: caller.consumer } : {}),
    ...(caller.clientId ? { client: caller.clientId } : {}),
    issuer: caller.issuer,
    level: caller.authLevel,
  };
  return path && path.length > 0 ? { actor, right: path } : { actor };
}

/** For what this program does by itself: ladder steps, notices, purges by date. */
export const budstikkeItself: Actor = { actor: { kind: 'budstikke' } };
