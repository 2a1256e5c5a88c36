import type { Reader, Tx } from '#kernel/database.ts';
import { hook } from '#kernel/hook.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { FailureReason } from './deliver/decide-delivery.ts';
import type { DeliveryReport } from './store/report.ts';
import type { StoredShipment } from './store/shipment.ts';
import type { Purpose } from './texts.ts';

/** A notice that the next server has taken, or one that said the same to its address just before: no more is known of it. */
export interface HandedOver {
  readonly id: string;
  readonly step: string;
  readonly purpose: Purpose;
  readonly at: Date;
}

/** Called in the transaction that settles it. The watch closes what waited for its sender to be told. */
export const onHandedOver = hook<[Tx, readonly HandedOver[]]>();

/** Something that a notice which speaks of several has told of. */
export interface ToldTogether {
  /** Of the notice. */
  readonly step: string;
  readonly about: string;
  readonly party: PartyId;
}

/** Asked when such notices, by their steps, have gone or will not: what each of them told of, so that each has the evidence of it. */
export const whatIsToldTogether = hook<[Reader, readonly string[]], readonly ToldTogether[]>();

/** A notice that no carrier will take any more. */
export interface DeliveryFailure {
  readonly id: string;
  readonly about: string | null;
  readonly party: PartyId | null;
  readonly to: PartyId | null;
  readonly step: string;
  readonly purpose: Purpose;
  readonly channel: 'email' | 'sms';
  readonly reason: FailureReason;
  readonly at: Date;
}

/** Called in the transaction that settles the failure. The watch answers by climbing its ladder. */
export const onDeliveryFailed = hook<[Tx, readonly DeliveryFailure[]]>();

/** A notice of a sender's order that was not sent since there is no point in it any more. */
export interface CalledOff {
  readonly id: string;
  readonly step: string;
  readonly about: string;
  readonly party: PartyId;
  readonly purpose: Purpose;
  readonly at: Date;
}

/** Called in the transaction that settles it. A sender's order may be over where the watch is not. */
export const onCalledOff = hook<[Tx, readonly CalledOff[]]>();

/** Called with what carriers say later; answers how much of it was about mails that are no notices, and news. */
export const onReports = hook<[Tx, readonly DeliveryReport[], Date], number>();

/**
 * What became of an order. `ordered`: its notices are planned. `missing`: nobody had an address. `sent`: the first was handed
 * over. `failed`, `all-failed`: all are at an end, and some failed, or all.
 */
export interface ShipmentNews extends StoredShipment {
  readonly became: 'ordered' | 'missing' | 'sent' | 'failed' | 'all-failed';
}

/** Called in the transaction that makes it so. Whoever knows what the order was for tells its sender. */
export const onShipments = hook<[Tx, readonly ShipmentNews[]]>();

/** A notice that is about to be handed over. */
export interface DueNotice {
  readonly id: string;
  /** Null: it is about several. */
  readonly about: string | null;
  readonly party: PartyId | null;
  readonly step: string;
  /** Null for an address that a sender named. */
  readonly to: PartyId | null;
  readonly purpose: Purpose;
  readonly channel: 'email' | 'sms';
  readonly address: string;
  /** A part of what a sender ordered: for the recipient's own people, or for somebody whom it named. Null: nobody ordered it. */
  readonly orderedFor: 'recipient' | 'custom' | null;
}

/** Its address is not its addressee's any more. */
export interface AddressGone {
  /** Where they are told by the same channel now; none: it fails. */
  readonly instead: readonly string[];
}

/** `pointless`: it is called off. `reserved`: whom it is for has said no to digital post, and it fails. */
export type WhyNot = 'pointless' | 'reserved' | AddressGone;

/** Asked right before: which of these are not to go, by their ids, and why. What nobody answers for goes. */
export const whichArePointless = hook<[Reader, readonly DueNotice[]], ReadonlyMap<string, WhyNot>>();
