import type { PartyId } from '#kernel/ids.ts';
import type { Purpose } from '../texts.ts';

/** One e-mail or SMS to one address, worded. Made by `composeNotices`. */
export interface NoticeRow {
  readonly about: string | null;
  readonly party: PartyId | null;
  /** Null for an address that a sender named. */
  readonly to: PartyId | null;
  readonly step: string;
  /** What a sender ordered, of which it is a part. */
  readonly shipment?: string | null;
  readonly purpose: Purpose;
  /** Of a mail that speaks of several things: all of them. */
  readonly tells?: readonly Purpose[];
  readonly channel: 'email' | 'sms';
  readonly address: string;
  readonly subject: string | null;
  readonly body: string;
  readonly html: boolean;
  readonly dueAt: Date;
  /** Somebody waits for it at any hour: a code. */
  readonly anyHour?: boolean;
  /** The post's due date: quiet hours that end later hold nothing up. */
  readonly neededBy?: Date | null;
  readonly at: Date;
}
