import type { Tx } from '#kernel/database.ts';
import type { DeliveryFailure } from '#notifications/index.ts';
import { keepCauses, mayHaveCause } from '../causes/keep-causes.ts';
import { noteMissed } from '../sender/tell-mails-again.ts';
import { saveReach } from '../store/heard.ts';
import { lockItems, refreshNextActions } from '../store/item.ts';
import { hastenTellingSender, listBundled, listFailedBundles, listFailedSteps, saveOtherwise } from '../store/step.ts';
import { type WatchKey, watchKey } from '../types.ts';

/**
 * Notices will not arrive. Where a step has told nobody by any of its notices, the ladder is climbed: the other channel is
 * tried once, and then the sender is told at once instead of on its day. Whose address is gone is tried so by itself where the step has told
 * others. What a sender was to hear by mail and has not is said anew. Fills the hook of notifications.
 */
export async function noteDeliveryFailed(tx: Tx, failures: readonly DeliveryFailure[]): Promise<void> {
  await noteMissed(tx, failures);
  const own = failures.flatMap((failure) => {
    const { about, party } = failure;
    return about !== null && party !== null ? [{ ...failure, about, party }] : [];
  });
  const common = failures.filter(({ about }) => about === null);
  const bundles = await listFailedBundles(
    tx,
    common.map(({ step }) => step),
  );
  const gone = common.filter(isGone).map(({ step }) => step);
  const whole = new Set(bundles.map(({ notice }) => notice));
  const others = (await listBundled(tx, gone)).filter(({ notice }) => !whole.has(notice));
  const concerned = [
    ...own,
    ...[...bundles, ...others].flatMap(({ about, party, notice, step }) =>
      common.filter((failure) => failure.step === notice).map((failure) => ({ ...failure, about, party, step })),
    ),
  ];
  if (concerned.length === 0) return;
  const at = concerned[0]!.at;
  const items = await lockItems(tx, concerned);
  const isOpen = (key: WatchKey) => items.some((item) => item.about === key.about && item.party === key.party && !item.settledAt);
  const open = concerned.filter(isOpen);
  const old = open.filter((key) => items.some((item) => watchKey(item) === watchKey(key) && mayHaveCause(item.begunAt, at)));
  const failed = [
    ...(await listFailedSteps(tx, [...new Set(open.map(({ step }) => step))])),
    ...bundles.map(({ step, name }) => ({ id: step, name })),
  ];
  const isSecondTry = (id: string) => failed.some((step) => step.id === id && step.name === 'notify-otherwise');
  const toldNobody = open.filter(({ step }) => failed.some(({ id }) => id === step));
  saveReach(
    tx,
    toldNobody.map(({ about, party }) => ({ about, party, isReached: false })),
    at,
  );
  const alone = open.filter((failure) => isGone(failure) && !toldNobody.includes(failure));
  saveOtherwise(
    tx,
    [
      ...toldNobody.filter(({ step }) => !isSecondTry(step)).map(({ step, channel }) => ({ step, channel })),
      ...alone.map(({ step, channel, to }) => ({ step, channel, toward: to })),
    ],
    at,
  );
  hastenTellingSender(
    tx,
    toldNobody.filter(({ step }) => isSecondTry(step)),
    at,
  );
  refreshNextActions(tx, [...toldNobody, ...alone]);
  keepCauses(tx, old);
}

const isGone = ({ reason, to }: DeliveryFailure): boolean => reason === 'address-gone' && to !== null;
