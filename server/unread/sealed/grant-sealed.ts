import { findResource, giveTogether, grantView, packagesToGive, type TogetherWish, untilOf, whoCanOpen } from '#access/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { findParty } from '#register/index.ts';
import { findSealed, findWatch, missingIn, type Sealed } from '#watch/index.ts';
import { unreadErrors as e } from '../errors.ts';
import { rightOf } from './show-envelope.ts';
import type { SealedGrant, Unsealed } from './wire.ts';

/**
 * A person who could, lets somebody in to sealed post, in one step: itself or another, to this message, to its service or to all such
 * post. Of a message that can be opened and has an attachment that cannot, what is missing is given: the right to that, and to the
 * message where whoever is let in has it not. What can be opened is computed anew and whoever can open is told in the same transaction. The rules are those of giving access
 * by any other way. Giving the same again is found no more: it is sealed no longer.
 *
 * The answer names no service that the envelope hides. Refuses sealedNotFound, packageNotOfSealed, and whatever giving access refuses.
 */
export async function grantSealed(ctx: Context, caller: Caller, id: string, request: SealedGrant): Promise<Unsealed> {
  const person = caller.kind === 'person' ? caller.subject : null;
  const found = person ? await findSealed(ctx.db, person, id) : undefined;
  if (!person || !found) throw refuse(e.sealedNotFound, { id });
  let shown: string | null = null;
  let unsealed: Omit<Unsealed, 'grants'> | undefined;
  const given = await giveTogether(ctx, caller, {
    at: found.party,
    to: request.to ?? null,
    lastName: request.lastName ?? null,
    until: untilOf(request.until),
    choose: async (tx, to) => {
      const sealed = await findSealed(tx, person, id);
      if (!sealed) throw refuse(e.sealedNotFound, { id });
      if (sealed.confidential) ({ shown } = await rightOf(tx, sealed));
      const wishes = wishesOf(request, sealed, await packageFor(tx, caller, sealed, request));
      return to && request.what !== 'package' ? withoutHad(tx, sealed.party, to.id, wishes) : wishes;
    },
    andThen: async (tx) => {
      const watch = (await findWatch(tx, id, found.party))!;
      unsealed = { openers: watch.openers, class: watch.class, attachmentLocked: watch.attachmentLocked };
    },
  });
  const grants = given.map(({ grant, to }) => grantView(grant, to.name));
  const named = (resource: string | null) => (found.confidential && resource !== shown ? null : resource);
  return { ...unsealed!, grants: grants.map((grant) => ({ ...grant, resource: named(grant.resource) })) };
}

/** Pure. What is to be given: of attachments with resources of their own, what the caller may give. */
function wishesOf({ what, until, reason }: SealedGrant, { needs }: Pick<Sealed, 'needs'>, code: string | null): TogetherWish[] {
  const common = { until: untilOf(until), reason: reason?.trim() || null };
  if (what === 'package') return [{ ...common, package: code, resource: null, instance: null, actions: [], isNeeded: true }];
  const wishes = needs.map(({ resource, action, instance, what: of }) => ({
    ...common,
    package: null,
    resource,
    instance: what === 'message' ? instance : null,
    actions: [action],
    isNeeded: of === 'message',
  }));
  return wishes.filter(
    (wish, i) => wishes.findIndex((other) => other.resource === wish.resource && other.instance === wish.instance) === i,
  );
}

/** What somebody has not yet. Asked of the service where that is given: who may open one message of it has not all. */
async function withoutHad(tx: Tx, party: PartyId, to: PartyId, wishes: readonly TogetherWish[]): Promise<TogetherWish[]> {
  const things = wishes.map(({ resource, instance, actions }) => ({
    party,
    needs: [{ resource: resource!, action: actions[0]!, instance, what: 'message' as const }],
  }));
  const found = await whoCanOpen(tx, things);
  return wishes.filter((_, i) => !found[i]!.openers.some((opener) => opener.party === to));
}

/** The package that is given: the one that is asked for, or the first that the caller may give. Refuses packageNotOfSealed. */
async function packageFor(tx: Tx, caller: Caller, sealed: Sealed, request: SealedGrant): Promise<string | null> {
  if (request.what !== 'package') return null;
  const { party } = sealed;
  const packages = (await findResource(tx, missingIn(sealed, sealed.openability).missing))?.packages ?? [];
  const asked = request.package?.replace(/^urn:altinn:accesspackage:/i, '').toLowerCase();
  if (asked !== undefined && !packages.includes(asked)) throw refuse(e.packageNotOfSealed);
  if (asked !== undefined) return asked;
  const mayGive = await packagesToGive(tx, caller, (await findParty(tx, party as PartyId))!, packages);
  const [first] = [...packages.filter((code) => mayGive.has(code)), ...packages];
  if (first === undefined) throw refuse(e.packageNotOfSealed);
  return first;
}
