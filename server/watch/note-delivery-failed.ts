import type { Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { type DeliveryFailure, noNotices, noticeFacts, noticeKey } from '#notifications/index.ts';
import { lockItems, refreshNextActions } from './store/item.ts';
import { hastenTellingSender, listSteps, saveOtherwise } from './store/step.ts';

/**
 * Notices will not arrive. Where nobody at the recipient was told by any, the ladder is climbed: the other channel is
 * tried once, and then the sender is told at once instead of on its day. Fills the hook of notifications.
 */
export async function noteDeliveryFailed(tx: Tx, failures: readonly DeliveryFailure[]): Promise<void> {
  const concerned = failures.flatMap((failure) => {
    const { about, party } = failure;
    return about !== null && party !== null ? [{ ...failure, about, party }] : [];
  });
  if (concerned.length === 0) return;
  const at = concerned[0]!.at;
  const open = (await lockItems(tx, uniqueKeys(concerned))).filter((item) => !item.settledAt);
  const facts = await noticeFacts(tx, open);
  const nobodyTold = open.filter((item) => {
    const { sent, due } = facts.get(noticeKey(item.about, item.party)) ?? noNotices;
    return sent === 0 && due === 0;
  });
  if (nobodyTold.length === 0) return;

  const steps = new Map((await listSteps(tx, nobodyTold)).map((step) => [step.id, step]));
  const failed = concerned.filter(({ step }) => steps.has(step));
  const again = failed.filter(({ step }) => steps.get(step)!.name !== 'notify-otherwise');
  saveOtherwise(tx, again, at);
  hastenTellingSender(tx, uniqueKeys(failed.filter(({ step }) => steps.get(step)!.name === 'notify-otherwise')), at);
  refreshNextActions(tx, nobodyTold);
}

function uniqueKeys(of: readonly { readonly about: string; readonly party: PartyId }[]) {
  return [...new Map(of.map(({ about, party }) => [noticeKey(about, party), { about, party }])).values()];
}
