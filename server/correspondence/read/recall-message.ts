import type { Decision } from '#access/index.ts';
import { publishEvents } from '#events/index.ts';
import { actorOf, reasonUri, recordEvidence } from '#evidence/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { CorrespondenceId, PartyId } from '#kernel/ids.ts';
import { findParties } from '#register/index.ts';
import { correspondenceEvent } from '../events.ts';
import { movedMessage } from '../states.ts';
import { type Attachment, listWithAttachments, lockAttachmentsOf } from '../store/attachment.ts';
import { listMessages, lockMessages, type Message, saveMoves } from '../store/message.ts';
import { saveStatuses } from '../store/status.ts';
import { releaseTransmissions } from '../store/transmission.ts';
import { purgeAttachmentsOf } from './purge-attachments.ts';

/** A message and its files, locked in this feature's order: whoever reads, confirms or deletes waits. */
export interface HeldMessage {
  readonly message: Message;
  readonly attachments: readonly Attachment[];
}

export async function holdMessage(tx: Tx, id: CorrespondenceId): Promise<HeldMessage | undefined> {
  return (await holdMessages(tx, [id], { waits: true })).messages.get(id);
}

export interface HeldMessages {
  readonly messages: ReadonlyMap<CorrespondenceId, HeldMessage>;
  /** Somebody else has it, or it has files, which are locked for one message at a time. */
  isLeft(id: CorrespondenceId): boolean;
}

/** The same of several, without those with files and those that others hold, unless it `waits`, as for one alone. */
export async function holdMessages(
  tx: Tx,
  ids: readonly CorrespondenceId[],
  { waits }: { readonly waits: boolean },
): Promise<HeldMessages> {
  const found = await listMessages(tx, ids);
  const submissions = [...new Set(found.map(({ submissionId }) => submissionId))];
  const attachments = waits ? await lockAttachmentsOf(tx, submissions) : [];
  const withFiles = waits ? new Set<string>() : await listWithAttachments(tx, submissions);
  const left = new Set(found.filter(({ submissionId }) => withFiles.has(submissionId)).map(({ id }) => id));
  const { messages, isHeld } = await lockMessages(
    tx,
    ids.filter((id) => !left.has(id)),
    { waits },
  );
  return {
    messages: new Map([...messages].map(([id, message]) => [id, { message, attachments }])),
    isLeft: (id) => left.has(id) || isHeld(id),
  };
}

/** Whoever recalls for the sender, and their words. */
export interface Recall {
  readonly caller: Caller;
  readonly right: Decision;
  /** The sender's party, as the history names it. */
  readonly by: PartyId;
  readonly name: string;
  readonly reason: string;
  /** Of the evidence, where somebody asks for it again. */
  readonly evidenceId?: string;
}

/**
 * The sender takes back messages that it has decided about, published or not; that nobody has opened them is for the caller to
 * know. Clients see what they see when a sender purges: status, event, and no message. Files that no other message carries go
 * with it. The watch is for whoever decided to settle. Source: compatibility.md, correspondence, §4.7; evidence, §1.5 row 22.
 */
export async function recallMessages(tx: Tx, recalls: readonly (Recall & { readonly held: HeldMessage })[], at: Date): Promise<void> {
  if (recalls.length === 0) return;
  const messages = recalls.map(({ held: { message } }) => message);
  const owners = await findParties(tx, [...new Set(messages.map(({ ownerId }) => ownerId))]);
  recordEvidence(
    tx,
    recalls.map(({ held: { message }, caller, right, name, reason, evidenceId }) => ({
      ...(evidenceId ? { id: evidenceId } : {}),
      event: 'Recalled',
      about: message.id,
      recipient: message.recipientId,
      at,
      proves: 'closed-by-sender',
      core: { reason: reasonUri('recalled') },
      who: { ...actorOf(caller, right.path), name, reason },
    })),
  );
  saveStatuses(
    tx,
    recalls.map(({ held, by }) => ({ messageId: held.message.id, status: 'PurgedByAltinn', text: 'PurgedByAltinn', at, party: by })),
  );
  saveMoves(
    tx,
    messages.map(({ id, state }) => ({ id, state: movedMessage(state, 'recall'), purgedAt: at })),
  );
  publishEvents(
    tx,
    messages.map((message) => correspondenceEvent('correspondencepurged', message, owners.get(message.ownerId)!, at)),
  );
  releaseTransmissions(
    tx,
    messages.map(({ id }) => id),
    at,
  );
  // One at most: what has files is held alone.
  for (const { held, caller, right } of recalls.filter(({ held }) => held.attachments.length > 0))
    await purgeAttachmentsOf(tx, { message: held.message, caller, right, at }, held.attachments);
}
