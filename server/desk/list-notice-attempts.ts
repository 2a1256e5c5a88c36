import type { Caller, Context } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { type AttemptedNotice, listAttempted, maskAddress } from '#notifications/index.ts';
import { findSentMessage } from './find-sent-message.ts';
import type { NoticeAttempts } from './notices-wire.ts';

const pageSize = 200;

/**
 * Every notice about a message, for its sender: by which channel, to an address of which it sees so much as tells one from another, each
 * attempt with what the carrier said, and what was not sent because the address had heard the same. Refuses messageNotFound.
 */
export async function listNoticeAttempts(
  ctx: Context,
  caller: Caller,
  id: CorrespondenceId,
  after: string | undefined,
): Promise<NoticeAttempts> {
  const { message } = await findSentMessage(ctx.db, caller, id);
  const rows = await listAttempted(ctx.db, message.id, { after: after ?? null, limit: pageSize });
  return { correspondenceId: message.id, notices: rows.map(showAttempted), next: rows.length === pageSize ? rows.at(-1)!.id : null };
}

type Shown = NoticeAttempts['notices'][number];

export function showAttempted({ id, party, to, channel, address, attempts, ...rest }: AttemptedNotice): Shown {
  return {
    id,
    to: to === null ? 'named' : to === party ? 'recipient' : 'person',
    purpose: rest.purpose,
    channel,
    address: maskAddress(channel, address),
    state: rest.state as Shown['state'],
    failure: rest.failure,
    dueAt: rest.dueAt?.toISOString() ?? null,
    changedAt: rest.changedAt.toISOString(),
    orderedBySender: rest.orderedBySender,
    attempts: attempts.map(({ at, outcome, reason }) => ({
      at: new Date(at).toISOString(),
      outcome: outcome as Shown['attempts'][number]['outcome'],
      reason,
    })),
  };
}
