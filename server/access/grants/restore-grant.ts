import { actorOf, recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty } from '#register/index.ts';
import { announceAccessChanges } from '../announce.ts';
import { listUnnamed } from '../decide/named-services.ts';
import { accessErrors } from '../errors.ts';
import { restoreEndedWith } from '../store/client-delegations.ts';
import { findGrant } from '../store/grants.ts';
import { lockAccess } from '../store/versions.ts';
import { callingPerson } from './create-grant.ts';
import { giveAccess } from './give-access.ts';
import { viewOf } from './list-grants.ts';
import { demandAdministeringLogin, rightToGive } from './right-to-give.ts';
import type { GrantView } from './wire.ts';

/** How long after it was taken an access is given back by one word: it is an undoing, and no other way to give. */
const forSoLong = 86_400_000;

/**
 * Undoes the taking of an access: the same is given anew, to the same and until the same time, and with it what an organization let its
 * agents do by it, as far as these ended with it and are its agents still. For whoever may give it, also where the service is not named
 * to them. Of one that stands, or was given back before, what stands is answered.
 *
 * Refuses callerNotPerson, loginTooLow, restoredTooLate, untilPassed, and what `giveAccess` does; grantNotFound also to those who may not.
 * The route is ours.
 */
export async function restoreGrant(ctx: Context, caller: Caller, id: string): Promise<GrantView> {
  const by = callingPerson(caller);
  demandAdministeringLogin(caller);
  const known = await findGrant(ctx.db, id);
  if (!known) throw refuse(accessErrors.grantNotFound, { id });
  return ctx.db.transaction(async (tx) => {
    await lockAccess(tx, known.at);
    const grant = await findGrant(tx, id);
    const at = await findParty(tx, known.at);
    const path = grant && at && (await rightToGive(tx, caller, at, grant));
    if (!path) throw refuse(accessErrors.grantNotFound, { id });
    const { revokedAt, until } = grant;
    if (revokedAt && ctx.now().getTime() - revokedAt.getTime() > forSoLong) throw refuse(accessErrors.restoredTooLate);
    if (until && until <= ctx.now()) throw refuse(accessErrors.untilPassed);
    const given = await giveAccess(tx, ctx, caller, { at, to: await findParty(tx, grant.to), wish: grant, by });
    if (given.isNew && revokedAt && grant.package !== null) {
      const agents = await restoreEndedWith(tx, { client: grant.at, provider: grant.to, package: grant.package, endedAt: revokedAt }, by);
      const who = actorOf(caller, path);
      recordEvidence(
        tx,
        agents.map((row) => ({
          ...{ event: 'AccessGranted' as const, about: row.agent, recipient: row.client, at: ctx.now(), proves: 'nothing' as const },
          core: { package: row.package, provider: row.provider, cause: 'provider-has-it-back' },
          who: { ...who, to: row.agent },
        })),
      );
      if (agents.length > 0) await announceAccessChanges(tx, { by: who, cause: 'granted' });
    }
    const view = viewOf(given.grant, given.to.name);
    const { resource, instance, to } = given.grant;
    const named = resource === null || to === by ? [] : [{ resource, party: at.id, instance }];
    return (await listUnnamed(tx, caller, named)).size > 0 ? { ...view, resource: null } : view;
  });
}
