import { mayEach } from '#access/index.ts';
import { actorOf, recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { newId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { downloadQuestion } from '../download/downloadable.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { mayAsRecipient, requireParty } from '../read/standing.ts';
import { listAttachmentsOf } from '../store/attachment.ts';
import { saveForwardings, wasForwardedTo } from '../store/forwarding.ts';
import { findLetter } from '../store/letter.ts';
import { lockMessage } from '../store/message.ts';
import { addressOf, decideForwarding } from './decide-forwarding.ts';
import type { ForwardRequest } from './wire.ts';

/** The original sends after so long. */
const sendAfterMillis = 10_000;

/**
 * A reader sends a letter on to an e-mail address. The mail goes out after commit (`sendForwards`); that it was taken over shows
 * as Forwarded. Whoever may not read one of its files may not send the letter on: its files go with it. To each address once,
 * ever; the message is locked. On the watch it changes nothing.
 *
 * Refuses correspondenceNotFound, noAccess, customEmailInvalid, forwardAddressTooLong, forwardingNotAllowed,
 * forwardingTextTooLong, forwardingTextNotPlain, forwardBeforeRead, alreadyForwarded, callerUnknown, callerPartyNotFound.
 * Source: compatibility.md, correspondence, §8.5.
 */
export function forwardMessage(ctx: Context, caller: Caller, id: CorrespondenceId, request: ForwardRequest): Promise<string> {
  return ctx.db.transaction(async (tx) => {
    const message = await lockMessage(tx, id);
    if (!message) throw refuse(e.correspondenceNotFound, { id });
    const right = await mayAsRecipient(tx, caller, message);
    if (!right.permit) throw refuse(e.noAccess, { id });
    const files = await listAttachmentsOf(tx, message.submissionId);
    const rightsToFiles = await mayEach(
      tx,
      files.map((file) => ({ caller, question: downloadQuestion(message, file) })),
    );
    if (rightsToFiles.some(({ permit }) => !permit)) throw refuse(e.noAccess, { id });
    const { allowForwarding } = await findLetter(tx, message.submissionId);
    decideForwarding({ ...message, allowForwarding }, request);
    const address = addressOf(request);
    if (await wasForwardedTo(tx, id, address)) throw refuse(e.alreadyForwarded, { id });
    const party = requireParty(caller);

    const at = ctx.now();
    const forwarding = newId();
    recordEvidence(tx, [
      {
        event: 'Forwarded',
        about: id,
        recipient: message.recipientId,
        at,
        proves: 'nothing',
        core: { forwarding },
        who: { ...actorOf(caller, right.path), address },
      },
    ]);
    saveForwardings(tx, [
      {
        id: forwarding,
        messageId: id,
        address,
        words: request.forwardingText?.trim() || null,
        partyId: party,
        forwardedAt: at,
        dueAt: new Date(at.getTime() + sendAfterMillis),
      },
    ]);
    return forwarding;
  });
}
