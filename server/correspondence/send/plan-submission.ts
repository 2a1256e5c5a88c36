import type { Need, Openability, Resource } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import { type AttachmentId, type BlobKey, type CorrespondenceId, newId, type ResourceId } from '#kernel/ids.ts';
import type { CustomRecipient } from '#notifications/index.ts';
import type { Party } from '#register/index.ts';
import type { MessageState } from '../states.ts';
import type { Attachment } from '../store/attachment.ts';
import type { SubmissionRow } from '../store/submission.ts';
import type { DialogMessage } from '../store/transmission.ts';
import { contentSha256, letterTo, textsOf } from './content-hash.ts';
import { toOrdered } from './custom-recipients.ts';
import { type Facts, isHeldBack, type Reach } from './facts.ts';
import type { OrderedTexts, SendRequest } from './request.ts';
import { matchFiles } from './rules/match-files.ts';
import { isPersonal, titleCased } from './rules/text-rules.ts';

/**
 * The ids of what a request will leave behind, made when it arrives: a request that is tried again after a lost commit
 * writes the same rows, which the database takes once.
 */
export interface SubmissionIds {
  readonly submission: string;
  /** In the order of the recipients. */
  readonly messages: readonly CorrespondenceId[];
  /** In the order of the new attachments. */
  readonly attachments: readonly AttachmentId[];
}

export function newSubmissionIds(request: SendRequest): SubmissionIds {
  return {
    submission: newId(),
    messages: request.recipients.map(() => newId<CorrespondenceId>()),
    attachments: request.newAttachments.map(() => newId<AttachmentId>()),
  };
}

/** A right that reading a message takes, with the version of the policy that gives it. */
export interface ReadingNeed extends Need {
  readonly instance: string;
  readonly policyVersion: number;
}

/** A recipient with the id that its message will have, so that it can be asked who could open that very message. */
export interface Addressed {
  readonly id: CorrespondenceId;
  readonly recipient: Party;
  readonly needs: readonly ReadingNeed[];
}

export interface PlannedMessage extends Addressed {
  readonly state: Extract<MessageState, 'Initialized' | 'ReadyForPublish' | 'Published' | 'Reserved'>;
  readonly personalName: string | null;
  readonly contentSha256: string;
  readonly openability: Openability;
  /** The message in whose dialog it stands. */
  readonly transmissionOf: CorrespondenceId | null;
}

export interface PlannedAttachment {
  readonly attachment: Attachment;
  readonly isNew: boolean;
  readonly expiresAt: Date | null;
}

export interface PlannedOrder extends OrderedTexts {
  readonly id: string;
  readonly template: 'CustomMessage' | 'GenericAltinnMessage';
  readonly isReminder: boolean;
  readonly custom: readonly CustomRecipient[];
  readonly override: boolean;
}

/** One request, decided: everything that is about to be written. */
export interface Submission {
  readonly row: SubmissionRow;
  readonly resource: Resource;
  readonly owner: Party;
  readonly caller: Caller;
  /** How the caller had the right to send. */
  readonly path: readonly string[];
  readonly messages: readonly PlannedMessage[];
  /** In the order in which they show: new ones first, then those that were there. */
  readonly attachments: readonly PlannedAttachment[];
  readonly mainOrder: PlannedOrder | null;
  readonly reminderOrder: PlannedOrder | null;
}

/** What a plan is made for, beside the facts. */
export interface Plan {
  readonly resource: Resource;
  readonly addressed: readonly Addressed[];
  readonly ids: SubmissionIds;
}

/** What a reader must have the right to: the message itself, and each attachment that stands in a resource of its own. */
export function needsOf(
  message: { readonly id: CorrespondenceId; readonly resourceId: ResourceId },
  attachments: readonly Pick<Attachment, 'id' | 'resourceId'>[],
  policyVersions: ReadonlyMap<ResourceId, number>,
): ReadingNeed[] {
  const need = (resource: ResourceId, instance: string, what: Need['what']): ReadingNeed => ({
    resource,
    action: 'read',
    instance,
    what,
    policyVersion: policyVersions.get(resource) ?? 0,
  });
  const foreign = attachments.filter((attachment) => attachment.resourceId !== message.resourceId);
  return [need(message.resourceId, message.id, 'message'), ...foreign.map((a) => need(a.resourceId, a.id, 'attachment'))];
}

/** Pure but for the ids of its orders. What a request that passed every check becomes. */
export function planSubmission(facts: Facts & Reach, { resource, addressed, ids }: Plan): Submission {
  const { request, now, caller } = facts;
  const owner = facts.owner!;
  const publishAt = request.requestedPublishAt ?? now;
  const attachments = planAttachments(facts, { resource, ids, publishAt });
  const pending = attachments.some((planned) => planned.isNew);
  const state = pending ? 'Initialized' : publishAt <= now ? 'Published' : 'ReadyForPublish';
  const personal = isPersonal(textsOf(request));
  const shared = contentSha256(request);
  const [mainOrder, reminderOrder] = planOrders(facts);

  const row: SubmissionRow = {
    id: ids.submission,
    resourceId: resource.id,
    ownerId: owner.id,
    sendersReference: request.sendersReference,
    messageSender: request.messageSender,
    language: request.language,
    title: request.title,
    summary: request.summary,
    body: request.body,
    translations: request.translations,
    requestedPublishAt: publishAt,
    dueAt: request.dueAt,
    isConfirmationNeeded: request.isConfirmationNeeded,
    isConfidential: request.isConfidential,
    ignoreReservation: request.ignoreReservation,
    allowForwarding: request.allowForwarding,
    propertyList: request.properties,
    replyOptions: request.replyOptions,
    externalReferences: request.references,
    notificationOrderId: mainOrder?.id ?? null,
    reminderOrderId: reminderOrder?.id ?? null,
    idempotentKey: request.idempotentKey,
    contentSha256: shared,
    createdBy: caller.subject ?? caller.party ?? owner.id,
    createdAt: now,
  };
  const { dialog } = facts;
  const transmissionOf = dialog && comesInto(dialog, resource, state) ? dialog.id : null;
  const messages = addressed.map(({ id, recipient, needs }): PlannedMessage => {
    const personalName = personal ? titleCased(recipient.name) : null;
    return {
      id,
      recipient,
      needs,
      state: isHeldBack(recipient, request) ? 'Reserved' : state,
      personalName,
      contentSha256: personalName === null ? shared : contentSha256(letterTo(request, personalName)),
      openability: facts.openability.get(recipient.id)!,
      transmissionOf,
    };
  });
  return { row, resource, owner, caller, path: facts.right.path, messages, attachments, mainOrder, reminderOrder };
}

/**
 * Whether a message comes into the dialog that it names. Who may read the dialog must be who may read the message: it stands in the
 * same resource. And the dialog must be there for its reader when the message is. Any other has a dialog of its own.
 * Source: compatibility.md, correspondence, §2.6.
 */
function comesInto({ resourceId, isPublished, room }: DialogMessage, resource: Resource, state: MessageState): boolean {
  return resourceId === resource.id && room > 0 && (isPublished || state !== 'Published');
}

function planOrders({ request: { notification }, parties }: Facts): [PlannedOrder | null, PlannedOrder | null] {
  if (!notification || notification.template === 'other') return [null, null];
  const { template, overrideRegistered: override, main, reminder } = notification;
  const custom = toOrdered(notification.customRecipients, parties);
  const order = (texts: OrderedTexts, isReminder: boolean) => ({ id: newId(), template, isReminder, custom, override, ...texts });
  return [order(main, false), reminder && order(reminder, true)];
}

const dayMillis = 24 * 60 * 60 * 1000;

function planAttachments(
  facts: Facts,
  { resource, ids, publishAt }: Pick<Plan, 'resource' | 'ids'> & { publishAt: Date },
): PlannedAttachment[] {
  const { request, files, existing, now } = facts;
  const from = publishAt > now ? publishAt : now;
  const expiry = (days: number | null) => (days === null ? null : new Date(from.getTime() + days * dayMillis));
  const matched =
    matchFiles(
      request.newAttachments.map((a) => a.fileName),
      files,
    ) ?? [];
  const fresh = request.newAttachments.map((given, i): PlannedAttachment => {
    const file = matched[i]!;
    const attachment: Attachment = {
      id: ids.attachments[i]!,
      resourceId: resource.id,
      ownerId: resource.ownerId,
      fileName: given.fileName,
      displayName: given.displayName,
      sendersReference: given.sendersReference,
      isEncrypted: given.isEncrypted,
      declaredMd5: given.checksum,
      expirationDays: given.expirationInDays,
      state: 'UploadProcessing',
      uploadBeganAt: now,
      blobKey: file.key as BlobKey,
      sizeBytes: file.sizeBytes,
      md5: file.md5,
      sha256: file.sha256,
      createdAt: now,
    };
    return { attachment, isNew: true, expiresAt: expiry(given.expirationInDays) };
  });
  const inOrder = new Map(existing.map((attachment) => [attachment.id, attachment]));
  const old = request.existingAttachments.map((id): PlannedAttachment => {
    const attachment = inOrder.get(id)!;
    return { attachment, isNew: false, expiresAt: expiry(attachment.expirationDays) };
  });
  return [...fresh, ...old];
}
