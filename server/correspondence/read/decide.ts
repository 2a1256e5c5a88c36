import { type ErrorRow, refuse } from '#kernel/refusal.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { availableForRecipient, type MessageState, purgeableBySender, purged } from '../states.ts';
import type { Standing } from './standing.ts';

/** What a decision needs of a message. */
export interface Facts {
  readonly state: MessageState;
  readonly publishedAt: Date | null;
  readonly fetchedAt: Date | null;
  readonly readAt: Date | null;
  readonly confirmedAt: Date | null;
  readonly isConfirmationNeeded: boolean;
  readonly isTransmission: boolean;
}

/** How an overview or the details are shown, and whether the call leaves a trace as the recipient's. */
export interface View {
  readonly as: 'recipient' | 'sender';
  readonly showsContent: boolean;
}

/** Pure. Is this call the recipient's, for what clients see of it? */
export function isRecipientCall(standing: Standing): boolean {
  return standing.asRecipient.permit && !standing.callingAsSender;
}

/**
 * Pure. A purged message is gone for everybody, but for its sender where `senderSeesPurged`. A recipient sees it once it is
 * published. Its sender sees the content until then, and afterwards only by a right to read.
 * Source: compatibility.md, correspondence, §4.4.
 */
export function decideView(message: Facts, standing: Standing, senderSeesPurged: boolean): View {
  const recipient = isRecipientCall(standing);
  const maySeePurged = senderSeesPurged && !recipient && standing.asSender.permit;
  if (purged.has(message.state) && !maySeePurged) throw refuse(e.correspondenceNotFound);
  if (!standing.asSender.permit && !availableForRecipient.has(message.state)) throw refuse(e.correspondenceNotFound);
  if (recipient && !availableForRecipient.has(message.state)) throw refuse(e.correspondenceNotFound);
  return { as: recipient ? 'recipient' : 'sender', showsContent: standing.asRecipient.permit || message.publishedAt === null };
}

/**
 * Pure. Whether the body may be handed out, and whether clients see it as fetched and read. A caller with both scopes leaves
 * no trace on the wire, as in the original; whether it opens the message is another question. Source: compatibility.md,
 * correspondence, §1.2, §4.5.
 */
export function decideOpening(message: Facts, standing: Standing): { readonly leavesTrace: boolean } {
  if (!standing.asRecipient.permit) throw refuse(e.noAccess);
  if (purged.has(message.state)) throw refuse(e.correspondenceNotFound);
  const asSender = standing.callingAsSender && standing.asSender.permit;
  if (!asSender && !availableForRecipient.has(message.state)) throw refuse(e.correspondenceNotFound);
  return { leavesTrace: !standing.callingAsSender };
}

/** Pure. Source: compatibility.md, correspondence, §4.5. */
export function decideMarkAsRead(message: Facts): void {
  if (!availableForRecipient.has(message.state)) throw refuse(e.correspondenceNotFound);
  if (message.fetchedAt === null) throw refuse(e.readBeforeFetched);
  if (message.readAt !== null) throw refuse(e.alreadyRead);
}

/** Pure. Reading is not asked for; that a confirmation was asked for is not either. Source: compatibility.md, correspondence, §4.6. */
export function decideConfirmation(message: Facts): void {
  if (!availableForRecipient.has(message.state)) throw refuse(e.correspondenceNotFound);
  if (message.fetchedAt === null) throw refuse(e.confirmBeforeFetched);
  if (message.confirmedAt !== null) throw refuse(e.alreadyConfirmed);
}

function senderMayNotPurge(message: Facts): ErrorRow | undefined {
  if (purged.has(message.state)) return e.alreadyPurged;
  return purgeableBySender.has(message.state) ? undefined : e.publishedCannotBePurgedBySender;
}

function recipientMayNotPurge(message: Facts): ErrorRow | undefined {
  if (purged.has(message.state)) return e.alreadyPurged;
  if (!availableForRecipient.has(message.state)) return e.correspondenceNotFound;
  return message.isConfirmationNeeded && message.confirmedAt === null ? e.purgeBeforeConfirmed : undefined;
}

/**
 * Pure. As whom the caller deletes. With both rights the scope says which of the two it is; where the token carries neither
 * scope the sender's rule is tried, then the recipient's, and the sender's refusal is told when both fail.
 * Source: compatibility.md, correspondence, §4.7.
 */
export function decidePurge(message: Facts, standing: Standing, callingAsRecipient: boolean): 'sender' | 'recipient' {
  const [sender, recipient] = [standing.asSender.permit, standing.asRecipient.permit];
  if (sender && (standing.callingAsSender || !recipient)) return orRefuse('sender', senderMayNotPurge(message));
  if (recipient && (callingAsRecipient || !sender)) return orRefuse('recipient', recipientMayNotPurge(message));
  const no = senderMayNotPurge(message);
  if (!no) return 'sender';
  return recipientMayNotPurge(message) ? orRefuse('sender', no) : 'recipient';
}

function orRefuse<T>(who: T, no: ErrorRow | undefined): T {
  if (no) throw refuse(no);
  return who;
}
