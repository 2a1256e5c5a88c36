import { resolveResource } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import type { ReceivedFile } from '#kernel/route.ts';
import { partyUrn, resolveParties } from '#register/index.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { check, checksOfReach, checksOfRequest } from './checks.ts';
import { addressRecipients, gatherFacts, gatherReach } from './gather-facts.ts';
import { attachmentFiles } from './match-files.ts';
import { planSubmission, type Submission } from './plan-submission.ts';
import { toRequest } from './request.ts';
import type { InitializeCorrespondences, InitializedCorrespondences } from './wire.ts';
import { firstStatus, writeSubmissions } from './write-submissions.ts';

/**
 * A sender sends one letter to up to 500 recipients: all messages come to be, or none. A message with nothing to wait for is
 * published in the same transaction, though the answer says `ReadyForPublish`, as clients of the original expect. Files of
 * the form are bound to the message's attachments; on refusal they stay unbound, and are swept.
 *
 * Refuses in the order of `checks.ts`, and duplicateIdempotentKey for a key that its owner has used, also by a request that
 * runs at the same time. Source: compatibility.md, correspondence, §2 and §3.
 */
export async function initializeCorrespondence(
  ctx: Context & { readonly minimumAttachmentDays: number },
  caller: Caller,
  input: { readonly body: InitializeCorrespondences; readonly files?: readonly ReceivedFile[] },
): Promise<InitializedCorrespondences> {
  const request = toRequest(input.body);
  const resource = await resolveResource(ctx, request.resourceId, { type: 'CorrespondenceService', owner: caller.consumer });
  const parties = await resolveParties(
    ctx,
    request.recipients.flatMap((recipient) => recipient.number ?? []),
  );
  const files = attachmentFiles(input.files ?? []);
  const { minimumAttachmentDays } = ctx;

  const submission = await ctx.db
    .transaction(async (tx) => {
      const facts = await gatherFacts(tx, { request, files, caller, now: ctx.now(), minimumAttachmentDays, resource, parties });
      check(checksOfRequest, facts);
      const addressed = await addressRecipients(tx, facts, resource!);
      const reach = await gatherReach(tx, addressed, resource!);
      check(checksOfReach, { ...facts, ...reach });

      const planned = planSubmission({ ...facts, ...reach }, resource!, facts.owner!, addressed);
      writeSubmissions(tx, [planned]);
      return planned;
    })
    .catch((error: unknown) => {
      throw isKeyCollision(error) ? refuse(e.duplicateIdempotentKey) : error;
    });
  return answerOf(submission);
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
