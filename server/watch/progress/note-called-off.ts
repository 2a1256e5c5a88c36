import { budstikkeItself, recordEvidence } from '#evidence/index.ts';
import type { Tx } from '#kernel/database.ts';
import { type CalledOff, findOrders } from '#notifications/index.ts';
import { saveNewSteps } from '../store/begin.ts';
import { lockItems, refreshNextActions } from '../store/item.ts';
import { listStepsCalledOff } from '../store/step.ts';
import { type WatchKey, watchKey } from '../types.ts';

/**
 * A reminder that a sender ordered has no point any more by the sender's own terms: the post was marked as read. Where nobody has opened it the
 * watch goes on, and the ordered step has stood in the place of the ladder's: those who can open are reminded at once, in our words and outside
 * of the order; once for each step, and not where it has told somebody already. Whom a sender named in the place of those who can open is told
 * no more, and nobody comes in theirs. That the ordered one told nobody is evidence. Fills the hook of notifications.
 */
export async function noteCalledOff(tx: Tx, calledOff: readonly CalledOff[]): Promise<void> {
  const reminders = calledOff.filter(({ purpose }) => purpose === 'reminder');
  if (reminders.length === 0) return;
  const { at } = reminders[0]!;
  const open = new Map((await lockItems(tx, reminders)).filter(({ settledAt }) => !settledAt).map((item) => [watchKey(item), item]));
  const isOpened = (key: WatchKey): boolean => open.get(watchKey(key))!.openedAt !== null;
  const all = await listStepsCalledOff(tx, [...new Set(reminders.filter((each) => open.has(watchKey(each))).map(({ step }) => step))]);
  // Recorded as told when the step was taken: it is told to nobody after all.
  recordEvidence(
    tx,
    all.map((step) => ({
      ...({ event: 'LadderStep', about: step.about, recipient: step.party, at, proves: 'recorded' } as const),
      core: { step: step.spec.name, source: 'sender', passedOver: isOpened(step) ? 'opened' : 'marked-as-read' },
      who: budstikkeItself,
    })),
  );
  const steps = all.filter((step) => !isOpened(step));
  const orders = await findOrders(tx, [...new Set(steps.map(({ orderId }) => orderId))]);
  const replaced = steps.filter(({ orderId }) => !orders.get(orderId)?.override);
  saveNewSteps(
    tx,
    replaced.map(({ id, about, party, spec }) => ({
      ...{ about, party, dueAt: at, rank: null, inPlaceOf: id },
      spec: { ...spec, name: 'remind', channel: 'preferred' as const },
      ...{ source: 'policy' as const, orderId: null },
    })),
    at,
  );
  refreshNextActions(tx, replaced);
}
