import type { Caller, Context } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty } from '#register/index.ts';
import { demandScope } from '../delegation/scopes.ts';
import { accessErrors } from '../errors.ts';
import { findGrant } from '../store/grants.ts';
import { lockAccess } from '../store/versions.ts';
import { callingPerson } from './create-grant.ts';
import { demandAdministeringLogin, rightToGive } from './right-to-give.ts';
import { takeAccess } from './take-access.ts';

/**
 * The calling person takes access away: whoever may give it, or whoever has it. Taking it away again changes nothing.
 * Others who give or take at the party wait meanwhile; a reader who asked before keeps its answer, one who asks after the
 * commit is refused.
 *
 * Refuses callerNotPerson, loginTooLow, scopeMissing; grantNotFound also to those who may not, since that a grant exists is nobody else's matter.
 * The route is ours.
 */
export async function revokeGrant(ctx: Context, caller: Caller, id: string): Promise<void> {
  const by = callingPerson(caller);
  demandAdministeringLogin(caller);
  const known = await findGrant(ctx.db, id);
  if (!known) throw refuse(accessErrors.grantNotFound, { id });

  await ctx.db.transaction(async (tx) => {
    await lockAccess(tx, known.at);
    const grant = await findGrant(tx, id);
    const at = await findParty(tx, known.at);
    if (!grant || !at) throw refuse(accessErrors.grantNotFound, { id });
    const path = grant.to === by ? ['gives up its own access'] : await rightToGive(tx, caller, at, grant);
    if (!path) throw refuse(accessErrors.grantNotFound, { id });
    demandScope(caller, grant.to === by ? 'fromothers' : 'toothers', 'write');
    if (grant.revokedAt) return;

    await takeAccess(tx, ctx, caller, { grants: [grant], by, path });
  });
}
