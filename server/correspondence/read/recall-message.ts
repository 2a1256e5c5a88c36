import type { Decision } from '#access/index.ts';
import { publishEvents } from '#events/index.ts';
import { actorOf, reasonUri, recordEvidence } from '#evidence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId } from '#kernel/ids.ts';
import { findParty } from '#register/index.ts';
import { correspondenceEvent } from '../events.ts';
import { movedMessage } from '../states.ts';
import { type Attachment, lockAttachmentsOf } from '../store/attachment.ts';
import { findMessage, lockMessage, type Message, saveMoves } from '../store/message.ts';
import { saveStatuses } from '../store/status.ts';
import { releaseTransmissions } from '../store/transmission.ts';
import { purgeAttachmentsOf } from './purge-attachments.ts';

/** A message and its files, locked in this feature's order: whoever reads, confirms or deletes waits. */
export interface HeldMessage {
  readonly message: Message;
  readonly attachments: readonly Attachment[];
}

export async function holdMessage(tx: Tx, id: CorrespondenceId): Promise<HeldMessage | undefined> {
  const found = await findMessage(tx, id);
  if (!found) return undefined;
  const attachments = await lockAttachmentsOf(tx, found.submissionId);
  return { message: (await lockMessage(tx, id))!, attachments };
}

/** Whoever recalls for the sender, and their words. */
export interface Recall {
  readonly caller: Caller;
  readonly right: Decision;
  /** The sender's party, as the history names it. */
  readonly by: PartyId;
  readonly name: string;
  readonly reason: string;
  readonly at: Date;
}

/**
 * The sender takes back a message that it has decided about, published or not; that nobody has opened it is for the caller to
 * know. Clients see what they see when a sender purges: status, event, and no message. Files that no other message carries go
 * with it. The watch is for whoever decided to settle. Source: compatibility.md, correspondence, §4.7; evidence, §1.5 row 22.
 */
export async function recallMessage(tx: Tx, { message, attachments }: HeldMessage, recall: Recall): Promise<void> {
  const { caller, right, by, name, reason, at } = recall;
  const { id, recipientId } = message;
  const owner = (await findParty(tx, message.ownerId))!;
  recordEvidence(tx, [
    {
      event: 'Recalled',
      about: id,
      recipient: recipientId,
      at,
      proves: 'closed-by-sender',
      core: { reason: reasonUri('recalled') },
      who: { ...actorOf(caller, right.path), name, reason },
    },
  ]);
  saveStatuses(tx, [{ messageId: id, status: 'PurgedByAltinn', text: 'PurgedByAltinn', at, party: by }]);
  saveMoves(tx, [{ id, state: movedMessage(message.state, 'recall'), purgedAt: at }]);
  publishEvents(tx, [correspondenceEvent('correspondencepurged', message, owner, at)]);
  releaseTransmissions(tx, [id], at);
  await purgeAttachmentsOf(tx, { message, caller, right, at }, attachments);
}
