import type { Tx } from '#kernel/database.ts';
import { type HandedOver, type Purpose, toOpeners } from '#notifications/index.ts';
import { keepCauses } from '../causes/keep-causes.ts';
import { sections } from '../sender/digest-numbers.ts';
import { forgetTold } from '../store/deleted.ts';
import { lockFailuresToldBy } from '../store/failure.ts';
import { lockCausedOf } from '../store/step.ts';
import { settleWatch } from './settle-watch.ts';

/** One mail tells a sender all of a day. */
const toSenders: ReadonlySet<Purpose> = new Set(sections);

export const isToSender = ({ purpose }: Pick<HandedOver, 'purpose'>): boolean => toSenders.has(purpose);

/** They tell those who can open: what was waiting is told from now on. */
const isToOpeners = ({ purpose }: HandedOver) => (toOpeners as readonly Purpose[]).includes(purpose);

/**
 * Notices were taken by the next server. Those that told a sender of failures close the watches that they told of; those to people who can
 * open change why a watch is unread. Fills the hook of notifications.
 */
export async function noteHandedOver(tx: Tx, handed: readonly HandedOver[]): Promise<void> {
  const waited = await lockCausedOf(
    tx,
    handed.filter(isToOpeners).map(({ step }) => step),
  );
  keepCauses(tx, waited);
  const [first, ...others] = handed.filter(isToSender);
  if (!first) return;
  const steps = [first, ...others].map(({ step }) => step);
  forgetTold(tx, steps);
  const told = await lockFailuresToldBy(tx, steps);
  settleWatch(
    tx,
    told.map(({ about, party, failure }) => ({ about, party, outcome: 'failed' as const, at: first.at, reason: failure })),
  );
}
