import { budstikkeItself, recordEvidence } from '#evidence/index.ts';
import type { Context } from '#kernel/context.ts';
import { announceAccessChanges } from '../announce.ts';
import { endExpiredGrants } from '../store/grants.ts';
import { endWithGrants } from './end-with-grants.ts';

const batch = 500;

/**
 * Ends the grants whose time has come, so that whoever watches post at the party learns that an opener is gone. They open
 * nothing from their last moment on, whether this has run or not. Answers how many it ended; safe to run anywhere, at any time.
 */
export async function expireGrants(ctx: Context): Promise<number> {
  let ended = 0;
  for (;;) {
    const some = await expireSome(ctx);
    ended += some;
    if (some < batch) return ended;
  }
}

function expireSome(ctx: Context): Promise<number> {
  return ctx.db.transaction(async (tx) => {
    const grants = await endExpiredGrants(tx, batch);
    recordEvidence(
      tx,
      grants.map((grant) => ({
        event: 'AccessRevoked',
        about: grant.id,
        recipient: grant.at,
        at: ctx.now(),
        proves: 'nothing',
        core: { package: grant.package, resource: grant.resource, item: grant.instance, cause: 'expired' },
        who: { ...budstikkeItself, from: grant.to },
      })),
    );
    await endWithGrants(tx, grants, { at: ctx.now(), who: budstikkeItself });
    if (grants.length > 0) await announceAccessChanges(tx, { by: budstikkeItself, cause: 'expired' });
    return grants.length;
  });
}
