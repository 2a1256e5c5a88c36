import { actorOf, recordEvidence } from '#evidence/index.ts';
import type { Caller, Context } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { correspondenceErrors as e } from '../errors.ts';
import { publishIfDue } from '../send/publish-due.ts';
import { findMessage, lockMessage, type Message } from '../store/message.ts';
import { listFetchedSince } from '../store/status.ts';
import { decideView, isRecipientCall, type View } from './decide.ts';
import { factsOf } from './message-facts.ts';
import { fetchedAgainMillis, recordFetched } from './record-fetched.ts';
import { showDetails, showOverview } from './show-message.ts';
import { actingParty, standingOf } from './standing.ts';
import type { CorrespondenceDetails, CorrespondenceOverview } from './wire.ts';

/**
 * The overview, for sender or recipient. A recipient's look is recorded as Fetched, and opens nothing on the watch, though it
 * shows the body. A message whose time has come is published first.
 * Refuses correspondenceNotFound, noAccess. Source: compatibility.md, correspondence, §4.4.
 */
export async function getOverview(ctx: Context, caller: Caller, id: CorrespondenceId): Promise<CorrespondenceOverview> {
  const { message, view } = await lookAt(ctx, caller, id, { senderSeesPurged: false, recordsEachLook: false });
  return showOverview(ctx.db, message, view);
}

/** The details, for sender or recipient: as the overview, but the sender also sees what is purged, and each look is recorded. */
export async function getDetails(ctx: Context, caller: Caller, id: CorrespondenceId): Promise<CorrespondenceDetails> {
  const { message, view } = await lookAt(ctx, caller, id, { senderSeesPurged: true, recordsEachLook: true });
  return showDetails(ctx.db, message, view);
}

interface Manner {
  readonly senderSeesPurged: boolean;
  readonly recordsEachLook: boolean;
}

async function lookAt(ctx: Context, caller: Caller, id: CorrespondenceId, manner: Manner): Promise<{ message: Message; view: View }> {
  const found = await findMessage(ctx.db, id);
  if (!found) throw refuse(e.correspondenceNotFound, { id });
  const standing = await standingOf(ctx.db, caller, found);
  const { asRecipient } = standing;

  if (!isRecipientCall(standing)) {
    const view = decideView(factsOf(found), standing, manner.senderSeesPurged);
    if (view.showsContent && found.publishedAt !== null) await recordSenderLook(ctx, caller, found);
    return { message: found, view };
  }
  return ctx.db.transaction(async (tx) => {
    const locked = (await lockMessage(tx, id))!;
    const now = ctx.now(); // after the lock: whoever was waited for came before
    const message = await publishIfDue(tx, locked, now);
    const view = decideView(factsOf(message), standing, manner.senderSeesPurged);
    const since = new Date(now.getTime() - fetchedAgainMillis);
    const again = !manner.recordsEachLook && (await listFetchedSince(tx, [{ messageId: id, party: actingParty(caller), since }])).has(id);
    if (!again) recordFetched(tx, { message, caller, right: asRecipient, at: now });
    return { message, view };
  });
}

/** A caller with both scopes leaves no trace that clients see, and this one all the same. */
function recordSenderLook(ctx: Context, caller: Caller, message: Message): Promise<void> {
  return ctx.db.transaction(async (tx) => {
    recordEvidence(tx, [
      {
        event: 'SenderViewed',
        about: message.id,
        recipient: message.recipientId,
        at: ctx.now(),
        proves: 'nothing',
        who: actorOf(caller),
      },
    ]);
  });
}
