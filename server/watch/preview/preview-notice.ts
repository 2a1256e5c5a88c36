import { findResource, may } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { ResourceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { type Addresses, leadTo, previewNotices } from '#notifications/index.ts';
import { findParty } from '#register/index.ts';
import { wordsFor } from '../climb/file-words.ts';
import { ladderErrors as e } from '../ladders/errors.ts';
import type { NoticePreview, NoticePreviewRequest } from './wire.ts';

/** Where the request names nobody. */
const examples = { person: 'Kari Nordmann', organization: 'Eksempel AS' } as const;

/**
 * What a step would tell whom it turns to, for post that the caller sends on a service: by the templates of what is sent, in each language
 * and by each channel that is asked for. Writes nothing, sends nothing, and looks nobody up but the sender.
 * Refuses mayNotSendOn, also for a service that does not exist.
 */
export async function previewNotice(
  ctx: Context & { readonly addresses: Addresses },
  caller: Caller,
  request: NoticePreviewRequest,
): Promise<NoticePreview> {
  const { resource: id, step, recipient, recipientName, dueAt, languages, channels } = request;
  const resource = await findResource(ctx.db, id as ResourceId);
  const isThere = resource && resource.deletedAt === null && caller.party !== null;
  if (!isThere || !(await may(ctx.db, caller, { action: 'write', resource: resource.id, party: resource.ownerId })).permit)
    throw refuse(e.mayNotSendOn);
  const sender = await findParty(ctx.db, caller.party!);
  const purpose = wordsFor(step, { isFile: resource.type === 'BrokerService' });
  const notices = previewNotices(
    purpose,
    {
      senderName: sender?.name ?? '',
      recipientName: recipientName ?? examples[recipient],
      confidential: resource.confidential,
      dueAt: dueAt ? new Date(dueAt) : null,
      ...leadTo(ctx.addresses, { purpose, sender }),
      ...{ count: 1, grantNeeded: 0, noOpener: 0, unconfirmed: 0, failed: 0 },
    },
    {
      languages: [...new Set(languages ?? (['nb', 'nn', 'en'] as const))],
      channels: [...new Set(channels ?? (['email', 'sms'] as const))],
      at: ctx.now(),
    },
  );
  return { notices: notices.map((notice) => ({ ...notice })) };
}
