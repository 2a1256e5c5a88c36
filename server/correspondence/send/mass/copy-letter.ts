import type { Decision } from '#access/index.ts';
import type { Caller } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { HeldMessage } from '../../read/recall-message.ts';
import { findLetter } from '../../store/letter.ts';
import type { Message, OwnWords } from '../../store/message.ts';
import type { Wording } from '../content-hash.ts';
import { renewAttachments } from '../renew-attachments.ts';
import { gatherMassLetter, type MassLetter } from './mass-letter.ts';
import type { LetterToMany } from './mass-wire.ts';

/** Who sends the copy, when, and by what right where that is known. */
export interface Copying {
  readonly caller: Caller;
  readonly now: Date;
  readonly minimumAttachmentDays: number;
  readonly right?: Decision;
}

/** A letter as it was sent, to be sent once more, and what this one message of it had of its own. */
export interface LetterCopy {
  readonly letter: MassLetter;
  readonly own: OwnWords | null;
}

/** References that place a message in a dialog: the copy begins one of its own. */
const ofDialogs: readonly string[] = ['DialogportenDialogId', 'DialogportenTransmissionId'];

/**
 * The content of a message that is held, by the rules of sending as they are today; attachments that have expired come to be anew as long
 * as their bytes are kept. It goes at once, or when the message itself would have, where that lies ahead; a due time that is over is as
 * long from now as it was from the publication.
 * Refuses as initialize does.
 */
export async function gatherLetterCopy(tx: Tx, { message, attachments }: HeldMessage, copying: Copying): Promise<LetterCopy> {
  const stored = await findLetter(tx, message.submissionId);
  const letter: LetterToMany = {
    resourceId: message.resourceId,
    sendersReference: stored.sendersReference,
    messageSender: stored.messageSender,
    content: { ...onTheWire(stored), translations: stored.translations.map(onTheWire) },
    requestedPublishTime: message.requestedPublishAt > copying.now ? message.requestedPublishAt.toISOString() : null,
    dueDateTime: dueAgain(message, copying.now)?.toISOString() ?? null,
    externalReferences: message.externalReferences.filter(({ referenceType }) => !ofDialogs.includes(referenceType)) as NonNullable<
      LetterToMany['externalReferences']
    >,
    propertyList: stored.propertyList,
    replyOptions: [...stored.replyOptions],
    ignoreReservation: message.ignoreReservation,
    isConfirmationNeeded: message.isConfirmationNeeded,
    isConfidential: message.isConfidential,
    allowForwarding: stored.allowForwarding,
  };
  const existingAttachments = await renewAttachments(tx, attachments, copying);
  const { externalReferences: _inTheLetter, ...own } = message.own ?? {};
  return {
    letter: await gatherMassLetter(tx, { letter, existingAttachments, ...copying }),
    own: Object.keys(own).length > 0 ? own : null,
  };
}

const onTheWire = ({ language, title, summary, body }: Wording) => ({
  language,
  messageTitle: title,
  messageSummary: summary,
  messageBody: body,
});

function dueAgain({ dueAt, requestedPublishAt }: Pick<Message, 'dueAt' | 'requestedPublishAt'>, now: Date): Date | null {
  if (!dueAt || dueAt > now) return dueAt;
  return new Date(now.getTime() + Math.max(86_400_000, dueAt.getTime() - requestedPublishAt.getTime()));
}
