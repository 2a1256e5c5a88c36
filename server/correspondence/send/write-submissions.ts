import { bindBlobs } from '#blobs/index.ts';
import { type EventRow, publishEvents } from '#events/index.ts';
import { actorOf, type EvidenceRow, reasonUri, recordEvidence } from '#evidence/index.ts';
import { enqueue } from '#jobs/index.ts';
import type { Tx } from '#kernel/database.ts';
import { type Language, type SenderOrder, saveOrders } from '#notifications/index.ts';
import { beginWatches, settleWatch, type WatchBegin } from '#watch/index.ts';
import { scanAttachment } from '../attachments/scan-job.ts';
import { attachmentEvent, correspondenceEvent } from '../events.ts';
import { attachmentTexts } from '../states.ts';
import { saveAttachmentStatuses, saveAttachments } from '../store/attachment.ts';
import { saveMessages } from '../store/message.ts';
import { saveStatuses } from '../store/status.ts';
import { saveLinks, saveSubmissions } from '../store/submission.ts';
import { type Arrival, noteTransmissions } from '../store/transmission.ts';
import { consignmentOf, type Publication, publishedEventOf, publishedStatusOf } from './announce.ts';
import { partOf, whatOf } from './content-hash.ts';
import { inCounts } from './mass/mass-reach.ts';
import { writeAlikeMessages } from './mass/write-alike.ts';
import type { PlannedMessage, PlannedOrder, ReadingNeed, Submission } from './plan-submission.ts';
import { sentForAnother } from './sent-for-another.ts';

interface Sent {
  readonly submission: Submission;
  readonly message: PlannedMessage;
  /** The parts of its evidence, the same objects for all messages of a submission that read the same. */
  readonly who: object;
  readonly what: object;
}

/**
 * Everything that accepted requests leave behind, for one request or many at once: watches and evidence first, since the
 * database looks for them, then rows, history, orders, events; what is complete and due is published at once.
 * Joined writing: nothing is read back. Refused by the index `submission_once` for a key that its owner has used.
 */
export function writeSubmissions(tx: Tx, submissions: readonly Submission[]): void {
  if (submissions.length === 0) return;
  const many = submissions.filter(isToMany);
  const sent = submissions.filter((submission) => !isToMany(submission)).flatMap(messagesOf);
  const published = sent.filter(({ message }) => message.state === 'Published').map(publicationOf);
  const delivered = sent.filter(({ message }) => message.state !== 'Reserved');

  saveOrders(tx, submissions.flatMap(ordersOf));
  beginWatches(tx, sent.map(watchOf));
  recordEvidence(tx, [...sent.map(acceptanceOf), ...submissions.flatMap(receivedBytesOf), ...published.map(consignmentOf)]);
  writeAttachments(tx, submissions);
  saveSubmissions(
    tx,
    submissions.map(({ row }) => row),
  );
  saveLinks(tx, submissions.flatMap(linksOf));
  saveMessages(tx, sent.map(messageRowOf));
  saveStatuses(tx, [...sent.map(firstStatusOf), ...published.map(publishedStatusOf)]);
  noteTransmissions(tx, sent.flatMap(arrivalOf));
  publishEvents(tx, [...delivered.map(initializedEventOf), ...published.map(publishedEventOf)]);
  settleReserved(
    tx,
    sent.filter(({ message }) => message.state === 'Reserved'),
  );
  for (const submission of many) writeToMany(tx, submission);
}

/** From so many recipients on it is cheaper to send what they share once than to send their rows with those of others. */
const manyRecipients = 50;

function isToMany({ messages, attachments }: Submission): boolean {
  return (
    messages.length >= manyRecipients && messages.every(({ state }) => state !== 'Reserved') && attachments.every(({ isNew }) => !isNew)
  );
}

function writeToMany(tx: Tx, submission: Submission): void {
  const [{ resource, action, policyVersion }, ...sharedNeeds] = submission.messages[0]!.needs as [ReadingNeed, ...ReadingNeed[]];
  writeAlikeMessages(
    tx,
    submission,
    { need: { resource, action, policyVersion }, sharedNeeds },
    submission.messages.map(({ recipient, openability, ...message }) => ({
      ...message,
      party: recipient,
      openability: inCounts(openability),
      own: null,
    })),
  );
}

function messagesOf(submission: Submission): Sent[] {
  const { row, attachments, caller, path, messages } = submission;
  const who = actorOf(caller, path);
  const whatOfContent = (sha256: string) =>
    whatOf(
      sha256,
      attachments.map(({ attachment }) => attachment),
    );
  const what = whatOfContent(row.contentSha256);
  return messages.map((message) => {
    const isShared = message.contentSha256 === row.contentSha256;
    return { submission, message, who, what: isShared ? what : whatOfContent(message.contentSha256) };
  });
}

function publicationOf({ submission: s, message, what }: Sent): Publication {
  return {
    id: message.id,
    resourceId: s.resource.id,
    recipient: message.recipient,
    openability: message.openability,
    what,
    at: s.row.createdAt,
  };
}

function arrivalOf({ submission: { row }, message: { transmissionOf, state } }: Sent): Arrival[] {
  return transmissionOf && state === 'Published' ? [{ dialog: transmissionOf, at: row.createdAt }] : [];
}

function initializedEventOf({ submission: s, message }: Sent): EventRow {
  return correspondenceEvent('correspondenceinitialized', { id: message.id, resourceId: s.resource.id }, s.owner, s.row.createdAt);
}

function settleReserved(tx: Tx, reserved: readonly Sent[]): void {
  settleWatch(
    tx,
    reserved.map(({ submission: s, message }) => ({
      about: message.id,
      party: message.recipient.id,
      outcome: 'failed' as const,
      at: s.row.createdAt,
      reason: 'reserved; the sender was told in the answer',
    })),
  );
}

/** The bytes of a form are here and bound; what they are is found out by the scan. */
function writeAttachments(tx: Tx, submissions: readonly Submission[]): void {
  const fresh = submissions.flatMap((submission) =>
    submission.attachments.filter(({ isNew }) => isNew).map(({ attachment }) => ({ attachment, submission })),
  );
  if (fresh.length === 0) return;
  const attachments = fresh.map(({ attachment }) => attachment);
  saveAttachments(tx, attachments);
  bindBlobs(
    tx,
    attachments.map((attachment) => attachment.blobKey!),
  );
  saveAttachmentStatuses(
    tx,
    fresh.flatMap(({ attachment: { id, createdAt }, submission }) => {
      const party = submission.row.createdBy;
      return [
        { attachmentId: id, status: 'Initialized' as const, text: attachmentTexts.initialized, at: createdAt, party },
        { attachmentId: id, status: 'UploadProcessing' as const, text: attachmentTexts.uploadProcessing, at: createdAt, party },
      ];
    }),
  );
  publishEvents(
    tx,
    fresh.map(({ attachment, submission }) => attachmentEvent('attachmentinitialized', attachment, submission.owner, attachment.createdAt)),
  );
  for (const { id } of attachments) enqueue(tx, scanAttachment, { attachmentId: id }, { key: id });
}

function watchOf({ submission: { row, resource, caller, mainOrder, reminderOrder }, message }: Sent): WatchBegin {
  const step = (name: 'notify' | 'remind', order: PlannedOrder | null) =>
    order ? [{ name, orderId: order.id, channel: order.channel }] : [];
  return {
    about: message.id,
    party: message.recipient.id,
    sender: row.ownerId,
    sentBy: sentForAnother(caller, row.ownerId),
    resource: resource.id,
    confidential: row.isConfidential,
    confirmNeeded: row.isConfirmationNeeded,
    dueAt: row.dueAt,
    ladder: resource.ladder,
    at: row.createdAt,
    needs: message.needs,
    openability: message.openability,
    expectedPublishAt: row.requestedPublishAt,
    ...(message.state === 'Published' ? { publishedAt: row.createdAt } : {}),
    senderSteps: message.state === 'Reserved' ? [] : [...step('notify', mainOrder), ...step('remind', reminderOrder)],
  };
}

/**
 * A submission is accepted when all of it is here, hashed and scanned; until then it is only opened. For a reserved recipient
 * it is rejected. Source: compatibility.md, evidence, §1.5.
 */
function acceptanceOf({ submission: s, message, who, what }: Sent): EvidenceRow {
  const row = {
    about: message.id,
    recipient: message.recipient.id,
    at: s.row.createdAt,
    who,
    what,
  };
  const core = { resource: s.resource.id };
  if (message.state === 'Reserved')
    return { ...row, event: 'SubmissionRejection', proves: 'failed', core: { ...core, reason: reasonUri('reserved') } };
  if (message.state === 'Initialized') return { ...row, event: 'SubmissionOpened', proves: 'recorded', core };
  return { ...row, event: 'SubmissionAcceptance', proves: 'accepted', core };
}

function receivedBytesOf({ attachments, caller, path }: Submission): EvidenceRow[] {
  return attachments
    .filter(({ isNew }) => isNew)
    .map(({ attachment }) => ({
      event: 'BytesReceived',
      about: attachment.id,
      at: attachment.createdAt,
      proves: 'recorded',
      who: actorOf(caller, path),
      what: partOf(attachment),
    }));
}

function ordersOf({ row, owner, resource, mainOrder, reminderOrder }: Submission): SenderOrder[] {
  const title = resource.title[row.language as keyof typeof resource.title] ?? resource.title.nb;
  return [mainOrder, reminderOrder]
    .filter((order) => order !== null)
    .map((order) => ({
      ...order,
      language: row.language as Language,
      ignoreReservation: row.ignoreReservation,
      sender: row.ownerId,
      at: row.createdAt,
      sendersName: row.messageSender ?? owner.name,
      resourceName: title,
      messageTitle: row.title,
      confidential: row.isConfidential,
    }));
}

function linksOf({ row, attachments }: Submission) {
  return attachments.map(({ attachment, expiresAt }, ordinal) => ({
    submissionId: row.id,
    ordinal,
    attachmentId: attachment.id,
    expiresAt,
  }));
}

function messageRowOf({ submission: { row }, message }: Sent) {
  const { id, recipient, state, personalName, transmissionOf } = message;
  return {
    id,
    submissionId: row.id,
    resourceId: row.resourceId,
    ownerId: row.ownerId,
    recipientId: recipient.id,
    requestedPublishAt: row.requestedPublishAt,
    state,
    publishedAt: state === 'Published' ? row.createdAt : null,
    personalName,
    transmissionOf,
  };
}

function firstStatusOf({ submission: { row }, message }: Sent) {
  const status = firstStatus(message);
  return { messageId: message.id, status, text: status, at: row.createdAt, party: row.createdBy };
}

/** What the answer says of a message, and its history begins with: even one that is published at once was ready first. */
export function firstStatus({ state }: PlannedMessage): 'Initialized' | 'ReadyForPublish' | 'Reserved' {
  return state === 'Published' ? 'ReadyForPublish' : state;
}
