import type { Reader } from '#kernel/database.ts';
import { findParties, partyUrn } from '#register/index.ts';
import { ownLetter } from '../send/mass/own-words.ts';
import { hiddenFromSender, visibleStatus } from '../states.ts';
import { listAttachmentsOf } from '../store/attachment.ts';
import { findLetter } from '../store/letter.ts';
import type { Message } from '../store/message.ts';
import { listStatuses } from '../store/status.ts';
import { findSystemLabel } from '../store/system-label.ts';
import type { ReferenceType } from '../wire.ts';
import type { View } from './decide.ts';
import { dialogIdOf } from './dialog-id.ts';
import { bodyTo, contentTo, hiddenContent } from './show-content.ts';
import { showNotifications, showOrders } from './show-notifications.ts';
import type { CorrespondenceDetails, CorrespondenceOverview } from './wire.ts';

/** The message for whoever looks at it in this way. Source: compatibility.md, correspondence, §4.4. */
export async function showOverview(reader: Reader, message: Message, view: View): Promise<CorrespondenceOverview> {
  const { letter, common } = await gather(reader, message, view);
  const content = view.showsContent ? { ...common.content, messageBody: bodyTo(letter, message.personalName) } : common.content;
  return { ...common, content, notifications: await showOrders(reader, message, letter) };
}

/** The overview with the history and what became of the notifications; the body stands alone. */
export async function showDetails(reader: Reader, message: Message, view: View): Promise<CorrespondenceDetails> {
  const { letter, common, owner, history } = await gather(reader, message, view);
  const statusHistory = history.map(({ status, text, at }) => ({ status, statusText: text, statusChanged: at.toISOString() }));
  return {
    ...common,
    statusHistory,
    notifications: await showNotifications(reader, message, letter, { owner, toSender: view.as === 'sender' }),
    systemLabel: await findSystemLabel(reader, message),
  };
}

async function gather(reader: Reader, message: Message, view: View) {
  const [shared, attachments, statuses, parties] = await Promise.all([
    findLetter(reader, message.submissionId),
    view.showsContent ? listAttachmentsOf(reader, message.submissionId) : [],
    listStatuses(reader, message.id),
    findParties(reader, [message.ownerId, message.recipientId]),
  ]);
  const letter = ownLetter(shared, message.own);
  const history = view.as === 'recipient' ? statuses : statuses.filter(({ status }) => !hiddenFromSender.has(status));
  const current = visibleStatus(statuses)!; // a sender sees that it is deleted, though not the row that says when and by whom
  const [owner, recipient] = [parties.get(message.ownerId)!, parties.get(message.recipientId)!];
  const common = {
    resourceId: message.resourceId,
    sender: partyUrn(owner),
    sendersReference: letter.sendersReference,
    messageSender: letter.messageSender ?? '',
    content: view.showsContent ? contentTo(letter, message.personalName, attachments) : hiddenContent,
    requestedPublishTime: message.requestedPublishAt.toISOString(),
    dueDateTime: message.dueAt?.toISOString() ?? null,
    externalReferences: referencesOf(message),
    propertyList: letter.propertyList,
    replyOptions: [...letter.replyOptions],
    notification: null,
    ignoreReservation: message.ignoreReservation,
    isConfirmationNeeded: message.isConfirmationNeeded,
    isConfidential: message.isConfidential,
    allowForwarding: letter.allowForwarding,
    recipient: partyUrn(recipient),
    correspondenceId: message.id,
    created: message.createdAt.toISOString(),
    status: current.status,
    statusText: current.text,
    statusChanged: current.at.toISOString(),
    altinn2CorrespondenceId: null,
    published: message.publishedAt?.toISOString() ?? null,
    read: message.readAt?.toISOString() ?? null,
  };
  return { letter, common, owner, history };
}

/** What the sender gave, and the dialog that stands for the message, or the transmission that it became: end users' systems look it up from here. */
function referencesOf(message: Message): CorrespondenceOverview['externalReferences'] {
  const given = message.externalReferences.map(({ referenceType, referenceValue }) => ({
    referenceValue,
    referenceType: referenceType as ReferenceType,
  }));
  if (message.transmissionOf) {
    const own = { referenceValue: dialogIdOf(message.id), referenceType: 'DialogportenTransmissionId' } as const;
    return message.publishedAt ? [...given, own] : given;
  }
  // A dialog that was named and is gone leads nowhere: the message has its own.
  const others = given.filter(({ referenceType }) => referenceType !== 'DialogportenDialogId');
  return [...others, { referenceValue: dialogIdOf(message.id), referenceType: 'DialogportenDialogId' }];
}
