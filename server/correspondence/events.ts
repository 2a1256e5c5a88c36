import { type AltinnEvent, type AltinnEventOf, altinnKind, type EventRow } from '#events/index.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { type Party, partyUrn } from '#register/index.ts';

/** What subscribers are told. Names, sources and whom each speaks of stand in `altinnEvents`: compatibility.md, correspondence, §7. */
export type CorrespondenceEvent = AltinnEventOf<'correspondence'>;

export type AttachmentEvent = AltinnEventOf<'attachment'>;

interface Thing {
  readonly id: string;
  readonly resourceId: ResourceId;
}

/** An event of a message. `subject` is its recipient or its sender, as `altinnEvents` says. */
export function correspondenceEvent(name: CorrespondenceEvent, message: Thing, subject: Party, at: Date): EventRow {
  return event(name, message, subject, at);
}

/** An event of an attachment. `subject` is its owner. */
export function attachmentEvent(name: AttachmentEvent, attachment: Thing, subject: Party, at: Date): EventRow {
  return event(name, attachment, subject, at);
}

/** An event of an order of notices, whose id is the instance. `subject` is the owner. */
export function notificationEvent(name: AltinnEventOf<'notification'>, order: Thing, subject: Party, at: Date): EventRow {
  return event(name, order, subject, at);
}

/** What the original has no event for: malware was found in what had been called clean. `subject` is its owner. */
export function malwareFoundEvent(attachment: Thing, subject: Party, at: Date): EventRow {
  return { ...attachmentEvent('attachmentexpired', attachment, subject, at), type: 'no.budstikke.correspondence.malware-found' };
}

function event(name: AltinnEvent, thing: Thing, subject: Party, at: Date): EventRow {
  return {
    ...altinnKind(name),
    subject: partyUrn(subject),
    alternativeSubject: alternativeSubject(subject),
    resource: thing.resourceId,
    resourceInstance: thing.id,
    at,
  };
}

function alternativeSubject({ kind, number }: Party): string | null {
  if (number === null) return null;
  return kind === 'organization' ? `/organisation/${number}` : `/person/${number}`;
}
