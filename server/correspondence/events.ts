import type { EventRow } from '#events/index.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { type Party, partyUrn } from '#register/index.ts';

/** What subscribers are told. Names, sources and subjects are the original's: compatibility.md, correspondence, §7. */
export type CorrespondenceEvent =
  | 'correspondenceinitialized'
  | 'correspondencepublished'
  | 'correspondencepublishfailed'
  | 'correspondencepurged'
  | 'correspondencereceiverread'
  | 'correspondencereceiverconfirmed';

export type AttachmentEvent = 'attachmentinitialized' | 'attachmentpublished' | 'attachmentuploadfailed';

interface Thing {
  readonly id: string;
  readonly resourceId: ResourceId;
}

/** An event of a message. `subject` is its recipient when it is published, otherwise its sender. */
export function correspondenceEvent(name: CorrespondenceEvent, message: Thing, subject: Party, at: Date): EventRow {
  return event(name, 'correspondence', message, subject, at);
}

/** An event of an attachment. `subject` is its owner. */
export function attachmentEvent(name: AttachmentEvent, attachment: Thing, subject: Party, at: Date): EventRow {
  return event(name, 'attachment', attachment, subject, at);
}

function event(name: string, source: string, thing: Thing, subject: Party, at: Date): EventRow {
  return {
    type: `no.altinn.correspondence.${name}`,
    source: `/correspondence/api/v1/${source}`,
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
