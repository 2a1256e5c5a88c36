import { budstikkeItself } from '#evidence/index.ts';
import type { Swept } from '#jobs/index.ts';
import { describeFault } from '#kernel/fault.ts';
import { next } from '#kernel/machine.ts';
import { listUnopened } from '#watch/index.ts';
import type { RelayContext } from './context.ts';
import { UnprintableFile } from './house/print-house.ts';
import { lettersForPaper } from './letter.ts';
import { packEnvelope } from './pack-envelope.ts';
import { whyNotPrintable } from './paper/printable.ts';
import { shipmentMoves } from './states.ts';
import { claimShipment, lockShipments, postponeShipment, type Shipment, saveShipmentMoves } from './store.ts';
import { tellSender } from './tell-sender.ts';

/** Longer than it takes to pack the largest envelope. */
const leaseSeconds = 600;
const batch = 50;

/** Minutes after an attempt that came to nothing; then the sender is asked. */
const waitMinutes = [1, 5, 15, 60, 240, 480, 720, 1440] as const;

/**
 * Gives letters that were taken for paper to the print house, one after the other; `more` when there may be others. What somebody has
 * opened meanwhile is not printed. Any number of workers may run it: the attempt is committed before the house gets anything, and a
 * house gets each shipment once (`PrintHouse.drop`), however often it is tried.
 */
export async function handOverLetters(ctx: RelayContext): Promise<Swept> {
  for (let handed = 0; handed < batch; handed++) {
    const claimed = await ctx.db.transaction((tx) => claimShipment(tx, leaseSeconds));
    if (!claimed) return undefined;
    await settle(ctx, claimed, await handOver(ctx, claimed));
  }
  return 'more';
}

type Outcome =
  | { readonly kind: 'drop'; readonly letterSha256: string }
  | { readonly kind: 'refuse' | 'cancel'; readonly reason: string }
  | { readonly kind: 'later' };

async function handOver(ctx: RelayContext, shipment: Shipment): Promise<Outcome> {
  const { about, party, address } = shipment;
  if ((await listUnopened(ctx.db, [{ about, party }])).length === 0) return { kind: 'cancel', reason: 'no-longer-unopened' };
  const letter = (await lettersForPaper.call(ctx.db, [about]))?.get(about);
  const reason = whyNotPrintable(letter, address);
  if (reason) return { kind: 'refuse', reason };
  if (!ctx.printHouse) return { kind: 'later' };
  try {
    const envelope = await packEnvelope(ctx.blobs, shipment, letter!);
    await ctx.printHouse.drop(envelope);
    return { kind: 'drop', letterSha256: envelope.letterSha256 };
  } catch (error) {
    if (error instanceof UnprintableFile) return { kind: 'refuse', reason: error.reason };
    ctx.log.error(
      { shipment: shipment.id, attempt: shipment.attempts, ...describeFault(error) },
      'a letter could not be given to the print house',
    );
    return { kind: 'later' };
  }
}

/** Whoever has taken the attempt over meanwhile settles it; and the print house may have spoken already. */
function settle(ctx: RelayContext, claimed: Shipment, outcome: Outcome): Promise<void> {
  const at = ctx.now();
  return ctx.db.transaction(async (tx) => {
    const [shipment] = await lockShipments(tx, [claimed.id]);
    if (shipment?.state !== 'accepted' || shipment.attempts !== claimed.attempts) return;
    const wait = outcome.kind === 'later' ? waitMinutes[claimed.attempts - 1] : undefined;
    if (wait !== undefined) return postponeShipment(tx, shipment.id, claimed.attempts, new Date(at.getTime() + wait * 60_000));
    const { kind, ...facts } = outcome.kind === 'later' ? { kind: 'refuse' as const, reason: 'print-house-unreachable' } : outcome;
    const state = next(shipmentMoves, shipment.state, kind)!;
    const reason = 'reason' in facts ? facts.reason : null;
    const letterSha256 = 'letterSha256' in facts ? facts.letterSha256 : null;
    saveShipmentMoves(tx, [{ id: shipment.id, state, reason, letterSha256 }], at);
    if (state === 'dropped' || state === 'refused') {
      await tellSender(tx, [{ shipment, became: state, reason, letterSha256, actor: budstikkeItself }], at, ctx.addresses.console);
    }
  });
}
