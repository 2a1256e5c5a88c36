import type { Tx } from '#kernel/database.ts';
import { hook } from '#kernel/hook.ts';
import type { PartyId } from '#kernel/ids.ts';
import type { FailureReason } from './decide-delivery.ts';
import type { Purpose } from './texts.ts';

/** A notice that the next server has taken: no more is known of it. */
export interface HandedOver {
  readonly id: string;
  readonly step: string;
  readonly purpose: Purpose;
  readonly at: Date;
}

/** Called in the transaction that settles it. The watch closes what waited for its sender to be told. */
export const onHandedOver = hook<[Tx, readonly HandedOver[]]>();

/** A notice that no carrier will take any more. */
export interface DeliveryFailure {
  readonly id: string;
  readonly about: string | null;
  readonly party: PartyId | null;
  readonly to: PartyId;
  readonly step: string;
  readonly purpose: Purpose;
  readonly channel: 'email' | 'sms';
  readonly reason: FailureReason;
  readonly at: Date;
}

/** Called in the transaction that settles the failure. The watch answers by climbing its ladder. */
export const onDeliveryFailed = hook<[Tx, readonly DeliveryFailure[]]>();
