import type { EvidenceEntry } from '#evidence/index.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { Party } from '#register/index.ts';
import type { AuditRow } from '../store/audit.ts';
import type { AuditEntry, Who } from './wire.ts';

interface Actor {
  readonly kind?: Who['kind'];
  readonly party?: PartyId;
  readonly actsFor?: PartyId;
  readonly consumer?: PartyId;
  readonly client?: string;
}

/** Of what a sender does the receiver learns which organization it was, not which of its people. */
function actorOf({ event, who }: EvidenceEntry): Actor {
  const { actor = {} } = who as { actor?: Actor };
  if (actor.kind === 'person' && actor.actsFor) return { ...actor, kind: 'organization', party: actor.actsFor };
  if (event !== 'SenderViewed' || actor.kind !== 'person') return actor;
  const { party: _, ...rest } = actor;
  return { ...rest, ...(actor.consumer ? { party: actor.consumer } : {}) };
}

/** Pure. The parties that entries name. */
export function partiesIn(acts: readonly EvidenceEntry[], decisions: readonly AuditRow[]): PartyId[] {
  const named = [
    ...acts.flatMap((act) => actorOf(act).party ?? []),
    ...decisions.flatMap(({ subject, askedBy }) => [subject, askedBy].filter((id) => id !== null)),
  ];
  return [...new Set(named)];
}

/** Pure. What happened, as it is shown. */
export function entryOfAct(act: EvidenceEntry, parties: ReadonlyMap<PartyId, Party>): AuditEntry {
  const actor = actorOf(act);
  const { right = [] } = act.who as { right?: readonly string[] };
  return {
    id: act.id,
    at: act.at.toISOString(),
    kind: 'act',
    event: act.event,
    about: act.about,
    who: {
      kind: actor.kind ?? 'unknown',
      party: actor.party ?? null,
      name: (actor.party && parties.get(actor.party)?.name) || null,
      client: actor.client ?? null,
    },
    askedBy: null,
    resource: typeof act.core.resource === 'string' ? act.core.resource : null,
    action: null,
    decision: null,
    path: [...right],
  };
}

/** Pure. What was decided or refused, as it is shown. */
export function entryOfDecision(row: AuditRow, parties: ReadonlyMap<PartyId, Party>): AuditEntry {
  const shown = (id: PartyId | null, client: string | null): Who => {
    const party = id ? parties.get(id) : undefined;
    return { kind: party?.kind ?? 'unknown', party: id, name: party?.name ?? null, client };
  };
  return {
    id: row.id,
    at: row.at.toISOString(),
    kind: row.isAttempt ? 'attempt' : 'decision',
    event: null,
    about: row.instance,
    who: shown(row.subject, null),
    askedBy: shown(row.askedBy, row.clientId),
    resource: row.resource,
    action: row.action,
    decision: row.decision,
    path: [...row.path],
  };
}
