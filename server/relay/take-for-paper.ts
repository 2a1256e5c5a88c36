import type { Tx } from '#kernel/database.ts';
import type { RelayAnswer, RelayStep } from '#watch/index.ts';
import { findPostalAddresses } from './addresses/find-addresses.ts';
import { lettersForPaper } from './letter.ts';
import { whyNotPrintable } from './paper/printable.ts';
import { saveShipments } from './store.ts';

/**
 * Takes letters whose ladders turn to paper, or says why one cannot go that way: then its sender is asked at once. What is taken is a row
 * by the step's id, in the transaction of the step, and goes after commit. Fills the hook of the watch.
 */
export async function takeForPaper(tx: Tx, steps: readonly RelayStep[]): Promise<ReadonlyMap<string, RelayAnswer>> {
  const letters = (await lettersForPaper.call(tx, [...new Set(steps.map(({ about }) => about))])) ?? new Map();
  const addresses = await findPostalAddresses(tx, [...new Set(steps.map(({ party }) => party))]);
  const judged = steps.map((step) => ({ step, reason: whyNotPrintable(letters.get(step.about), addresses.get(step.party)) }));
  const taken = judged.filter(({ reason }) => reason === undefined).map(({ step }) => step);
  saveShipments(
    tx,
    taken.map((step) => ({ ...step, address: addresses.get(step.party)! })),
  );
  return new Map(judged.map(({ step, reason }) => [step.id, reason === undefined ? { kind: 'accepted' } : { kind: 'refused', reason }]));
}
