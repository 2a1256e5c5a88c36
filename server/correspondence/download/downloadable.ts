import type { Decision, Question } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { dialogOf } from '../read/dialog-id.ts';
import { requireParty } from '../read/standing.ts';
import { availableForRecipient } from '../states.ts';
import type { LinkedAttachment } from '../store/attachment.ts';
import type { Message } from '../store/message.ts';

/** Pure. Right to the message is right to the attachments that stand in its resource; others ask for one of their own. */
export function downloadQuestion(message: Message, attachment: LinkedAttachment): Question {
  const instance = attachment.resourceId === message.resourceId ? message.id : attachment.id;
  return { action: 'read', resource: attachment.resourceId, party: message.recipientId, instance, dialog: dialogOf(message) };
}

/** Pure. An attachment expires for a message at the message's own time. Its bytes are not asked for: that they are gone is no fault of the store. */
export function isOver({ state, expiresAt }: LinkedAttachment, at: Date): boolean {
  return state === 'Purged' || state === 'Expired' || (expiresAt !== null && expiresAt <= at);
}

/** Pure. Refuses noAccess, attachmentPurged, attachmentExpired. */
export function refuseUnlessDownloadable(attachment: LinkedAttachment, right: Decision, at: Date): void {
  const { id, state } = attachment;
  if (!right.permit) throw refuse(e.noAccess, { id });
  if (state === 'Purged') throw refuse(e.attachmentPurged, { id });
  if (isOver(attachment, at)) throw refuse(e.attachmentExpired, { id });
}

/** Pure. The party that downloads, once it is certain that the message is there for it. Refuses correspondenceNotFound, callerUnknown, callerPartyNotFound. */
export function downloadingParty(message: Message, caller: Caller): PartyId {
  if (!availableForRecipient.has(message.state)) throw refuse(e.correspondenceNotFound, { id: message.id });
  return requireParty(caller);
}
