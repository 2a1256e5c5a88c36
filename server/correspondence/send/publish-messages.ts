import { findResources, whoCanOpen } from '#access/index.ts';
import { publishEvents } from '#events/index.ts';
import { budstikkeItself, reasonUri, recordEvidence } from '#evidence/index.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { findParties, type Party } from '#register/index.ts';
import { failWatches, publishWatches } from '#watch/index.ts';
import { correspondenceEvent } from '../events.ts';
import { movedMessage } from '../states.ts';
import { listAttachmentsOfMany } from '../store/attachment.ts';
import { type Message, saveMoves } from '../store/message.ts';
import { saveStatuses } from '../store/status.ts';
import { publishIntoDialogs, releaseTransmissions } from '../store/transmission.ts';
import { announcePublications } from './announce.ts';
import { whatOf } from './content-hash.ts';
import { contentHashOf } from './content-of.ts';
import { isHeldBack } from './facts.ts';
import { needsOf } from './plan-submission.ts';

/** A message that will not reach its recipient, and the reason as its history tells it. */
export interface FailedMessage {
  readonly message: Message;
  readonly text: string;
  readonly reason: 'reserved' | 'malware' | 'format' | 'scanner-unavailable';
}

/**
 * Publishes messages that this transaction has locked and that wait for nothing more. Who can open is asked again; that
 * nobody can escalates and never fails a message. A recipient who has said no to digital post meanwhile makes it fail, and
 * the sender is told. Source: compatibility.md, correspondence, §4.3.
 */
export async function publishMessages(tx: Tx, messages: readonly Message[], at: Date): Promise<void> {
  if (messages.length === 0) return;
  const parties = await findParties(
    tx,
    messages.map((message) => message.recipientId),
  );
  const failed = messages.filter((message) => isHeldBack(parties.get(message.recipientId)!, message));
  await failMessages(
    tx,
    failed.map((message): FailedMessage => ({ message, text: reservedText(message), reason: 'reserved' })),
    at,
  );
  await publishOpen(
    tx,
    messages.filter((message) => !failed.includes(message)),
    parties,
    at,
  );
}

function reservedText({ id }: Message): string {
  return `Recipient of ${id} has been set to reserved in kontakt- og reserverasjonsregisteret ('KRR')`;
}

async function publishOpen(tx: Tx, messages: readonly Message[], parties: ReadonlyMap<PartyId, Party>, at: Date): Promise<void> {
  if (messages.length === 0) return;
  const attachments = await listAttachmentsOfMany(
    tx,
    messages.map((message) => message.submissionId),
  );
  const filesOf = (message: Message) => attachments.filter((attachment) => attachment.submissionId === message.submissionId);
  const resources = await findResources(tx, [...new Set([...messages, ...attachments].map((thing) => thing.resourceId))]);
  const policies = new Map([...resources.values()].map((resource) => [resource.id, resource.policyVersion]));
  const openability = await whoCanOpen(
    tx,
    messages.map((message) => ({ party: message.recipientId, needs: needsOf(message, filesOf(message), policies) })),
  );
  const hashes = await contentHashOf(tx, messages);
  publishWatches(
    tx,
    messages.map((message, i) => ({ about: message.id, party: message.recipientId, at, openability: openability[i]! })),
  );
  announcePublications(
    tx,
    messages.map((message, i) => ({
      id: message.id,
      resourceId: message.resourceId,
      recipient: parties.get(message.recipientId)!,
      openability: openability[i]!,
      what: whatOf(hashes.get(message.id)!, filesOf(message)),
      at,
    })),
  );
  saveMoves(
    tx,
    messages.map(({ id, state }) => ({ id, state: movedMessage(state, 'publish'), publishedAt: at })),
  );
  publishIntoDialogs(tx, messages, at);
}

/**
 * The last attachment of these messages, which this transaction has locked, is clean: now the submission is accepted, and
 * what is due is published.
 */
export async function completeMessages(tx: Tx, messages: readonly Message[], at: Date): Promise<void> {
  if (messages.length === 0) return;
  const attachments = await listAttachmentsOfMany(
    tx,
    messages.map((message) => message.submissionId),
  );
  const hashes = await contentHashOf(tx, messages);
  recordEvidence(
    tx,
    messages.map((message) => ({
      event: 'SubmissionAcceptance',
      about: message.id,
      recipient: message.recipientId,
      at,
      proves: 'accepted',
      core: { resource: message.resourceId },
      who: budstikkeItself,
      what: whatOf(
        hashes.get(message.id)!,
        attachments.filter((attachment) => attachment.submissionId === message.submissionId),
      ),
    })),
  );
  saveStatuses(
    tx,
    messages.map(({ id }) => ({ messageId: id, status: 'ReadyForPublish' as const, text: 'ReadyForPublish', at, party: null })),
  );
  saveMoves(
    tx,
    messages.map(({ id, state }) => ({ id, state: movedMessage(state, 'complete') })),
  );
  const ready = messages.map((message): Message => ({ ...message, state: movedMessage(message.state, 'complete') }));
  await publishMessages(
    tx,
    ready.filter((message) => message.requestedPublishAt <= at),
    at,
  );
}

/** Messages that this transaction has locked fail: evidence, history, the sender's event. Their watch ends when the sender has been told. */
export async function failMessages(tx: Tx, failures: readonly FailedMessage[], at: Date): Promise<void> {
  if (failures.length === 0) return;
  const owners = await findParties(
    tx,
    failures.map(({ message }) => message.ownerId),
  );
  recordEvidence(
    tx,
    failures.map(({ message, reason }) => ({
      event: reason === 'reserved' ? 'ContentConsignmentFailure' : 'SubmissionRejection',
      about: message.id,
      recipient: message.recipientId,
      at,
      proves: 'failed',
      core: { reason: reasonUri(reason) },
      who: budstikkeItself,
    })),
  );
  saveStatuses(
    tx,
    failures.map(({ message, text }) => ({ messageId: message.id, status: 'Failed' as const, text, at, party: null })),
  );
  saveMoves(
    tx,
    failures.map(({ message: { id, state } }) => ({ id, state: movedMessage(state, 'fail') })),
  );
  releaseTransmissions(
    tx,
    failures.map(({ message }) => message.id),
    at,
  );
  publishEvents(
    tx,
    failures.map(({ message }) => correspondenceEvent('correspondencepublishfailed', message, owners.get(message.ownerId)!, at)),
  );
  failWatches(
    tx,
    failures.map(({ message, reason }) => ({ about: message.id, party: message.recipientId, at, reason })),
  );
}
