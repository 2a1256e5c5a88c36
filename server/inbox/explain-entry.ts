import { type AuditPage, createGrant, type Explained, explain, type GrantView, grantView, showWhoHasSeen } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { findOpenable } from './rights.ts';
import type { Share } from './wire.ts';

const urnOf = (party: string): string => `urn:altinn:party:uuid:${party}`;

/** How the caller comes to see an entry, in codes and in sentences. Refuses entryNotFound. */
export async function explainEntry(ctx: Context, caller: Caller, id: string): Promise<Explained> {
  const { entry } = await findOpenable(ctx.db, caller, id);
  return explain(ctx, caller, { action: 'read', resource: entry.resource, party: urnOf(entry.party), instance: entry.id });
}

/** Who has seen a message that the caller may open. Refuses entryNotFound; of access loginTooLow and auditNotFound, for a file. */
export async function showSeenBy(ctx: Context, caller: Caller, id: string, after: string | undefined): Promise<AuditPage> {
  await findOpenable(ctx.db, caller, id);
  return showWhoHasSeen(ctx, caller, id, after);
}

/**
 * Lets a colleague in to one message or file, and to no other. Who may share is for access to say, as of every grant; the same again
 * changes nothing. Refuses entryNotFound, and all that createGrant refuses.
 */
export async function shareEntry(
  ctx: Context,
  caller: Caller,
  id: string,
  share: Share,
): Promise<{ readonly grant: GrantView; readonly isNew: boolean }> {
  const { entry } = await findOpenable(ctx.db, caller, id);
  const { grant, to, isNew } = await createGrant(ctx, caller, {
    at: urnOf(entry.party),
    to: `urn:altinn:person:identifier-no:${share.nationalIdentityNumber}`,
    lastName: share.lastName,
    resource: entry.resource,
    instance: entry.id,
    until: share.until ?? null,
    reason: share.reason ?? null,
  });
  return { grant: grantView(grant, to.name), isNew };
}
