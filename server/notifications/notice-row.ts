import type { PartyId } from '#kernel/ids.ts';
import type { Purpose } from './texts.ts';

/** One e-mail or SMS to one address, worded. Made by `composeNotices`. */
export interface NoticeRow {
  readonly about: string | null;
  readonly party: PartyId | null;
  readonly to: PartyId;
  readonly step: string;
  readonly purpose: Purpose;
  readonly channel: 'email' | 'sms';
  readonly address: string;
  readonly subject: string | null;
  readonly body: string;
  readonly html: boolean;
  readonly dueAt: Date;
  readonly at: Date;
}
