import { onUnknownResources, resolveResource } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { asDb } from '#kernel/database.ts';
import { Refusal, refuse } from '#kernel/refusal.ts';
import type { ReceivedFile } from '#kernel/route.ts';
import { onUnknownParties, partyUrn, resolveParties } from '#register/index.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { acceptRequests } from './accept-requests.ts';
import { isTransmission } from './facts.ts';
import { type Asked, numbersIn } from './gather-facts.ts';
import { newSubmissionIds, type Submission } from './plan-submission.ts';
import { toRequest } from './request.ts';
import { attachmentFiles } from './rules/match-files.ts';
import type { Sending } from './sending.ts';
import type { InitializeCorrespondences, InitializedCorrespondences } from './wire.ts';
import { firstStatus } from './write-submissions.ts';

/** What sending needs beside a database and a clock. */
export type SendingContext = Context & { readonly sending: Sending; readonly minimumAttachmentDays: number };

/**
 * A sender sends one letter to up to 500 recipients: all messages come to be, or none. Callers that send at the same time share
 * a transaction (`accept-requests.ts`). A message with nothing to wait for is published in the same transaction, though the answer
 * says `ReadyForPublish`, as clients of the original expect. Files of the form are bound to the message's attachments; on refusal
 * they stay unbound, and are swept.
 *
 * Refuses in the order of `checks.ts`, and duplicateIdempotentKey for a key that its owner has used, also by a request that
 * runs at the same time. Overloaded when too much waits. Source: compatibility.md, correspondence, §2 and §3.
 */
export async function initializeCorrespondence(
  ctx: SendingContext,
  caller: Caller,
  input: { readonly body: InitializeCorrespondences; readonly files?: readonly ReceivedFile[] },
): Promise<InitializedCorrespondences> {
  const request = toRequest(input.body);
  const { minimumAttachmentDays } = ctx;
  const files = attachmentFiles(input.files ?? []);
  const asked: Asked = { request, files, caller, now: ctx.now(), minimumAttachmentDays, ids: newSubmissionIds(request) };
  const submission = await accept(ctx, asked).catch((error: unknown) => {
    throw isKeyCollision(error) ? refuse(e.duplicateIdempotentKey) : error;
  });
  return answerOf(submission);
}

async function accept(ctx: SendingContext, asked: Asked): Promise<Submission> {
  // Whoever is to be notified beside the recipients is refused nowhere for being unknown, and in a sandbox comes to be.
  if (onUnknownParties.isFilled && numbersIn(asked.request).length > asked.request.recipients.length) return acceptUnknown(ctx, asked);
  // Attachments that exist are locked, and their purge may hold the lock, or readers that of a dialog: that wait is this caller's own.
  const waitsForLocks = asked.request.existingAttachments.length > 0 || isTransmission(asked.request);
  try {
    return await (waitsForLocks ? ctx.sending.alone(asked) : ctx.sending.join(asked));
  } catch (error) {
    if (!namesUnknown(error)) throw error;
    return acceptUnknown(ctx, asked);
  }
}

function namesUnknown(error: unknown): boolean {
  if (!(error instanceof Refusal)) return false;
  return (
    (error.row === e.resourceNotFound && onUnknownResources.isFilled) || (error.row === e.recipientsNotFound && onUnknownParties.isFilled)
  );
}

/**
 * A sandbox lets resources and parties come to be when a request names them. They come to be with the message, in one transaction,
 * so that a refused request leaves nothing behind.
 */
function acceptUnknown(ctx: SendingContext, asked: Asked): Promise<Submission> {
  const { request, caller } = asked;
  return ctx.db.transaction(async (tx) => {
    const inside: Context = { db: asDb(tx), now: ctx.now, log: ctx.log };
    await resolveResource(inside, request.resourceId, { type: 'CorrespondenceService', owner: caller.consumer });
    await resolveParties(inside, numbersIn(request));
    const [answer] = await acceptRequests(tx, [asked]);
    if ('refusal' in answer!) throw answer.refusal;
    return answer!.value;
  });
}

/** Another request with the same key of the same owner was first. */
function isKeyCollision(error: unknown): boolean {
  return error instanceof Error && 'constraint' in error && error.constraint === 'submission_once';
}

function answerOf({ messages, attachments }: Submission): InitializedCorrespondences {
  return {
    correspondences: messages.map((message) => ({
      correspondenceId: message.id,
      status: firstStatus(message),
      recipient: partyUrn(message.recipient),
      notifications: null,
    })),
    attachmentIds: attachments.map(({ attachment }) => attachment.id),
  };
}
