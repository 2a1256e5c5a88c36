import type { Caller, Context } from '#kernel/context.ts';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { refuse } from '#kernel/refusal.ts';
import { relayErrors, type ShipmentsView, showShipments } from '#relay/index.ts';
import { maybeSentMessage } from './find-sent-message.ts';

/**
 * Where a message is on its way to paper, for who has sent it, for the owner of its service, and for whoever stands in for either. Refuses
 * notSentByCaller, also of what went by no paper.
 */
export async function showOnPaper(ctx: Context, caller: Caller, id: CorrespondenceId): Promise<ShipmentsView> {
  const view = (await maybeSentMessage(ctx.db, caller, id)) && (await showShipments(ctx.db, id));
  if (!view || view.shipments.length === 0) throw refuse(relayErrors.notSentByCaller, { id });
  return view;
}
