import type { Reader } from '#kernel/database.ts';
import { type EvidenceEvent, eventOfCode, evidenceEvents } from './event-names.ts';
import type { Proves } from './levels.ts';
import { type ActsWanted, listActRows, listRows, type StoredEvidence } from './store.ts';

export interface EvidenceEntry {
  readonly id: string;
  readonly event: EvidenceEvent;
  readonly about: string;
  readonly recipient: string | null;
  readonly at: Date;
  readonly proves: Proves;
  readonly core: Readonly<Record<string, unknown>>;
  readonly who: Readonly<Record<string, unknown>>;
  readonly what: Readonly<Record<string, unknown>>;
}

export interface EvidencePage {
  /** Entries after this id. */
  readonly after?: string;
  readonly limit?: number;
  /** Of this kind alone. */
  readonly event?: EvidenceEvent;
}

/** What is recorded about these things, oldest first. A page holds 500 entries unless less is asked for. */
export async function listEvidence(reader: Reader, about: readonly string[], page: EvidencePage = {}): Promise<EvidenceEntry[]> {
  if (about.length === 0) return [];
  const { after = null, limit = 500, event } = page;
  const rows = await listRows(reader, about, { after, limit: Math.min(limit, 500), event: event ? evidenceEvents[event] : null });
  return rows.map(entryOf);
}

/**
 * What people and systems did with the post of one party, and with the rights to it, newest first: looks, openings, answers, gifts. Not
 * what was sent. `before` is the id of the last entry seen.
 */
export async function listActsAt(reader: Reader, recipient: string, wanted: ActsWanted): Promise<EvidenceEntry[]> {
  return (await listActRows(reader, recipient, { ...wanted, limit: Math.min(wanted.limit, 500) })).map(entryOf);
}

function entryOf({ event, core, who, what, ...row }: StoredEvidence): EvidenceEntry {
  return { ...row, event: eventOfCode(event), core: JSON.parse(core), who: JSON.parse(who), what: JSON.parse(what) };
}

const senderSees: readonly EvidenceEvent[] = [
  'ConsignmentNotification',
  'NotificationDelivered',
  'ConsignmentNotificationFailure',
  'NotificationAccessTracking',
  'OverviewFetched',
  'ContentAsked',
  'ContentAccessTracking',
  'ContentHandover',
  'ContentHandoverFailure',
  'PartHandedOver',
  'HandoverInterrupted',
  'ConsignmentAcceptance',
  'ConsignmentRejection',
  'DeletedByRecipient',
  'LadderStep',
  'AccessLost',
  'AccessRegained',
  'AccessGranted',
  'AccessRevoked',
];

/**
 * The entry as the sender may see it: of what happened at the recipient it is told that it happened, by what kind of
 * actor and by which right, never by which person or to which address. Source: compatibility.md, evidence, §1.5 rule (c).
 */
export function entryForSender(entry: EvidenceEntry): EvidenceEntry {
  if (!senderSees.includes(entry.event)) return entry;
  const { actor, right } = entry.who as { actor?: { kind?: unknown }; right?: unknown };
  return { ...entry, who: { ...(actor?.kind ? { actor: { kind: actor.kind } } : {}), ...(right ? { right } : {}) } };
}
