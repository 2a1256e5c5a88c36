import { budstikkeItself } from '#evidence/index.ts';
import type { Swept } from '#jobs/index.ts';
import { describeFault } from '#kernel/fault.ts';
import { next } from '#kernel/machine.ts';
import { listHearers, watchKey } from '#watch/index.ts';
import type { RelayContext } from './context.ts';
import { onNotStopped } from './hooks.ts';
import { shipmentMoves } from './states.ts';
import { listUnwanted, lockShipments, saveNotStopped, saveShipmentMoves, type UnwantedShipment } from './store.ts';
import { type ShipmentNews, tellSender } from './tell-sender.ts';

const batch = 200;

/**
 * Letters that lie at the print house and that nobody wants printed any more are taken back from there. What the house has already goes by
 * paper, as its sender is told by an event, and by mail where it had taken the letter back or let it lie. A house that cannot be reached is asked
 * again. Any number of workers may run it: what was taken is taken once, and each letter is settled once.
 */
export async function takeBackLetters(ctx: RelayContext): Promise<Swept> {
  for (let after: string | null = null; ; ) {
    const unwanted: UnwantedShipment[] = await listUnwanted(ctx.db, after, batch);
    if (unwanted.length === 0) return undefined;
    after = unwanted.at(-1)!.id;
    const asked = [];
    for (const shipment of unwanted) asked.push({ shipment, isTaken: await isTaken(ctx, shipment) });
    const settled = asked.flatMap(({ shipment, isTaken: taken }) => (taken === 'later' ? [] : [{ shipment, isTaken: taken }]));
    await settle(ctx, settled);
    for (const { shipment } of settled.filter((each) => each.isTaken)) await ctx.printHouse?.forget?.(shipment.id);
  }
}

async function isTaken(ctx: RelayContext, { id, state }: UnwantedShipment): Promise<boolean | 'later'> {
  if (state !== 'dropped' || !ctx.printHouse?.takeBack) return false;
  try {
    return await ctx.printHouse.takeBack(id);
  } catch (error) {
    ctx.log.error(
      { shipment: id, ...describeFault(error) },
      'a letter that is not wanted any more could not be taken back from the print house',
    );
    return 'later';
  }
}

interface Asked {
  readonly shipment: UnwantedShipment;
  readonly isTaken: boolean;
}

/** The house may have spoken of it meanwhile, or another worker have settled it. */
function settle(ctx: RelayContext, asked: readonly Asked[]): Promise<void> {
  const at = ctx.now();
  return ctx.db.transaction(async (tx) => {
    const locked = new Map(
      (
        await lockShipments(
          tx,
          asked.map(({ shipment }) => shipment.id),
        )
      ).map((each) => [each.id, each]),
    );
    const ours = asked.filter(({ shipment: { id } }) => {
      const now = locked.get(id);
      return now && !now.notStoppedAt && (now.state === 'dropped' || now.state === 'printed');
    });
    const taken = ours.filter(({ shipment, isTaken: is }) => is && next(shipmentMoves, locked.get(shipment.id)!.state, 'cancel'));
    const gone = ours.filter((each) => !taken.includes(each));
    saveShipmentMoves(
      tx,
      taken.map(({ shipment: { id } }) => ({ id, state: 'cancelled', reason: 'taken-back' })),
      at,
    );
    saveNotStopped(
      tx,
      gone.map(({ shipment }) => shipment.id),
      at,
    );
    const newsOf =
      (became: 'cancelled' | 'not-stopped', reason: string | null) =>
      ({ shipment }: Asked): ShipmentNews => ({
        ...{ shipment: locked.get(shipment.id)!, became, reason },
        actor: budstikkeItself,
      });
    await tellSender(
      tx,
      [...taken.map(newsOf('cancelled', 'taken-back')), ...gone.map(newsOf('not-stopped', null))],
      at,
      ctx.addresses.console,
    );
    const wrong = gone.filter(({ shipment }) => shipment.isSendersWord).map(({ shipment }) => shipment);
    if (wrong.length === 0) return;
    const hearers = await listHearers(tx, wrong);
    const hearersOf = (each: UnwantedShipment) => hearers.get(watchKey(each)) ?? [each.sender];
    const alike = Map.groupBy(wrong, (each) => hearersOf(each).join());
    await onNotStopped.call(
      tx,
      [...alike.values()].map((letters) => ({ hearers: hearersOf(letters[0]!), letters: letters.length })),
      { at, console: ctx.addresses.console },
    );
  });
}
