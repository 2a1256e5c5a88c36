import type { PartyId } from '#kernel/ids.ts';
import {
  type Addressee,
  type CustomRecipient,
  composeNotices,
  type NoticeChannel,
  type NoticeRow,
  type Occasion,
  type Shipment,
  type StoredOrder,
  shipmentId,
} from '#notifications/index.ts';
import { addressees, type Directory } from './addressees.ts';

/** Notices and, where a sender ordered them, what clients know them as. */
export interface Notified {
  readonly notices: readonly NoticeRow[];
  readonly shipments: readonly Shipment[];
}

export const nobodyNotified: Notified = { notices: [], shipments: [] };

/** What is the same for everybody that a step tells, and the sender's order where there is one. */
export interface OrderedStep {
  readonly occasion: Omit<Occasion, 'channel' | 'order' | 'shipment'>;
  readonly about: string;
  readonly party: PartyId;
  readonly order: StoredOrder | undefined;
  readonly channel: NoticeChannel;
  readonly isReminder: boolean;
  /** A second try, by the other channel alone. */
  readonly otherwise: boolean;
  /** Toward readers that have come since: whom the sender named has heard of it. */
  readonly isLate: boolean;
}

/**
 * Pure. The notices to those at the recipient, by the channel that the step names; where nobody can be reached by it, by any that
 * somebody has: a sender's choice of channel is no reason for nobody to hear. A second try is by the other channel alone.
 * `byOrder`: in the sender's words, and one order as clients know it.
 */
export function notifyOwn(step: OrderedStep, people: readonly Addressee[], byOrder: boolean): Notified {
  const order = byOrder ? step.order : undefined;
  // What an organization's own addresses have heard in the sender's words they are not told again for a reader that comes later.
  const others = order && step.isLate ? people.filter(({ id }) => id !== step.party) : people;
  const toOthers = noticesTo(step, order, null, others);
  const notices = toOthers.length > 0 ? toOthers : noticesTo(step, order, null, people);
  return { notices, shipments: order ? [shipmentOf(step, order, null, notices.length === 0)] : [] };
}

/**
 * Pure. The notices to those whom the sender named, each an order of its own. An address that `told` names already, or that another of
 * them has, gets no second one. A second try is for those whom a register knows: an address has no other channel.
 * `isMeant`: whom of those that a register knows it is for. Source: compatibility.md, correspondence, §6.3.
 */
export function notifyCustom(
  step: OrderedStep,
  directory: Directory,
  told: readonly NoticeRow[],
  isMeant: (party: PartyId | null) => boolean = () => true,
): Notified {
  const { order } = step;
  if (!order || step.isLate) return nobodyNotified;
  const reached = new Set(told.map(placeOf));
  const groups = order.custom.map((custom, i): Notified => {
    if (step.otherwise && ('address' in custom || !isMeant(custom.party))) return nobodyNotified;
    const notices = noticesTo(step, order, i, whoIs(custom, order, directory));
    const fresh = notices.filter((notice) => !reached.has(placeOf(notice)));
    for (const notice of fresh) reached.add(placeOf(notice));
    const isRepeat = notices.length > 0 && fresh.length === 0;
    const isMissing = notices.length === 0;
    if (isRepeat || (isMissing && step.otherwise)) return nobodyNotified;
    return { notices: fresh, shipments: [shipmentOf(step, order, i, isMissing)] };
  });
  return joined(groups);
}

/**
 * Pure. The notices that a sender ordered of post that nobody can open: to the addresses that an organization keeps, in the sender's words,
 * which should say whom to give access; and to those whom the sender named. Source: compatibility.md, correspondence, §6.4.
 */
export function notifyAbsent(step: OrderedStep, directory: Directory): Notified {
  if (!step.order || step.isLate) return nobodyNotified;
  const keepsAddresses = directory.parties.get(step.party)?.kind === 'organization' && !step.order.override;
  const own = keepsAddresses ? notifyOwn(step, addressees(directory, [step.party]), true) : nobodyNotified;
  return joined([own, notifyCustom(step, directory, own.notices)]);
}

export function joined(groups: readonly Notified[]): Notified {
  return { notices: groups.flatMap(({ notices }) => notices), shipments: groups.flatMap(({ shipments }) => shipments) };
}

function noticesTo(step: OrderedStep, order: StoredOrder | undefined, custom: number | null, people: readonly Addressee[]): NoticeRow[] {
  const shipment = order ? { shipment: shipmentId({ about: step.about, order: order.id, custom, otherwise: step.otherwise }) } : {};
  const by = (channel: NoticeChannel) => composeNotices({ ...step.occasion, ...shipment, order, channel }, people);
  const chosen = by(step.channel);
  return chosen.length > 0 || step.otherwise ? chosen : by('preferred');
}

function whoIs(custom: CustomRecipient, order: StoredOrder, directory: Directory): Addressee[] {
  if ('address' in custom) {
    const contactPoints = [{ channel: custom.kind, address: custom.address }];
    return [{ id: null, language: order.language, contactPoints, named: { name: '', number: null } }];
  }
  const party = custom.party === null ? undefined : directory.parties.get(custom.party);
  if (!party || (party.reserved && party.kind === 'person' && !order.ignoreReservation)) return [];
  return addressees(directory, [party.id]).map((one) => ({ ...one, named: party }));
}

function shipmentOf(step: OrderedStep, order: StoredOrder, custom: number | null, missing: boolean): Shipment {
  const { about, party, isReminder, channel, otherwise, occasion } = step;
  const key = { about, order: order.id, custom, otherwise };
  return { ...key, id: shipmentId(key), party, step: occasion.step, isReminder, channel, missing, at: occasion.at };
}

function placeOf({ channel, address }: NoticeRow): string {
  return `${channel} ${address.toLowerCase()}`;
}
