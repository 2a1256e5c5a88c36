/**
 * Every event that can be recorded, and its number in `evidence.event`. Numbers stand in rows that are never changed:
 * add, never renumber. Source: compatibility.md, evidence, §1.1 (ETSI EN 319 522-3, table 2) and §1.5 for our own.
 */
export const etsiEvents = {
  SubmissionAcceptance: 1,
  SubmissionRejection: 2,
  RelayAcceptance: 3,
  RelayRejection: 4,
  RelayFailure: 5,
  NotificationForAcceptance: 6,
  NotificationForAcceptanceFailure: 7,
  ConsignmentAcceptance: 8,
  ConsignmentRejection: 9,
  AcceptanceRejectionExpiry: 10,
  ContentConsignment: 11,
  ContentConsignmentFailure: 12,
  ConsignmentNotification: 13,
  ConsignmentNotificationFailure: 14,
  NotificationDelivered: 15,
  NotificationAccessTracking: 16,
  ContentAccessTracking: 17,
  ContentHandover: 18,
  ContentHandoverFailure: 19,
  RelayToNonERDS: 20,
  RelayToNonERDSFailure: 21,
  ReceivedFromNonERDS: 22,
} as const;

/** Steps that the standard has no name for. They are never dressed up as one of its events. */
export const ownEvents = {
  SubmissionOpened: 101,
  OverviewFetched: 102,
  SenderViewed: 103,
  HandoverInterrupted: 104,
  Replied: 105,
  Forwarded: 106,
  Recalled: 107,
  ReadElsewhere: 108,
  AcceptedUnread: 109,
  AccessLost: 110,
  AccessRegained: 111,
  AccessGranted: 112,
  LadderStep: 113,
  BytesReceived: 114,
  Scanned: 115,
  ScanDeferred: 116,
  ContentPurged: 117,
  DeletedByRecipient: 118,
  AccessRevoked: 119,
  Resent: 120,
  PartHandedOver: 121,
  ContentAsked: 122,
} as const;

export const evidenceEvents = { ...etsiEvents, ...ownEvents } as const;

export type EvidenceEvent = keyof typeof evidenceEvents;

const nameOf = new Map<number, EvidenceEvent>(Object.entries(evidenceEvents).map(([name, code]) => [code, name as EvidenceEvent]));

/** The event that a stored number stands for. A number without a name is a fault: rows are only written by name. */
export function eventOfCode(code: number): EvidenceEvent {
  const name = nameOf.get(code);
  if (!name) throw new Error(`no evidence event has the number ${code}`);
  return name;
}

/** The event's URI: the standard's for its own events, ours for the rest. */
export function eventUri(event: EvidenceEvent): string {
  return event in etsiEvents ? `http://uri.etsi.org/19522/Event/${event}` : `urn:budstikke:event:${event}`;
}

/** Why something was refused, failed or changed. Source: compatibility.md, evidence, §1.3. */
export const reasonCodes = [
  'policy',
  'malware',
  'quota',
  'format',
  'duplicate',
  'hash-mismatch',
  'unknown-recipient',
  'reserved',
  'no-opener',
  'grant-needed',
  'no-contact-point',
  'address-gone',
  'address-rejected',
  'mailbox-full',
  'carrier-timeout',
  'carrier-refused',
  'expired',
  'recalled',
  'confirmed-after-opening',
  'transfer-aborted',
  'store-damaged',
  'scanner-unavailable',
  'key-role-ended',
  'delegation-ended',
  'resource-policy-changed',
] as const;

export type ReasonCode = (typeof reasonCodes)[number];

export function reasonUri(reason: ReasonCode): string {
  return `urn:budstikke:reason:${reason}`;
}
