import { findNextGrantExpiry } from '#access/index.ts';
import { findNextPurge } from '#broker/index.ts';
import { findNextDueDate, findNextExpiry, findNextForwarding, findNextPublishTime } from '#correspondence/index.ts';
import { findNextQuiet } from '#identity/index.ts';
import type { Reader } from '#kernel/database.ts';
import { findNextRelease } from '#mailings/index.ts';
import { nextNoticeDueAt } from '#notifications/index.ts';
import { nextRelayDueAt } from '#relay/index.ts';
import { nextDeliveryDueAt } from '#subscriptions/index.ts';
import { findNextExtract, nextMailDueAt } from '#unread/index.ts';
import { nextStepDueAt } from '#watch/index.ts';

/** What falls due at a time of its own, and how its next time is found. */
const calendars = {
  'end-of-grant': findNextGrantExpiry,
  'silence-of-machine': findNextQuiet,
  mailing: findNextRelease,
  publication: findNextPublishTime,
  expiry: findNextExpiry,
  'purge-of-file': findNextPurge,
  forwarding: findNextForwarding,
  'due-date': findNextDueDate,
  step: nextStepDueAt,
  'letter-on-paper': nextRelayDueAt,
  notice: nextNoticeDueAt,
  webhook: nextDeliveryDueAt,
  extract: findNextExtract,
  'mail-to-sender': nextMailDueAt,
} as const satisfies Record<string, (reader: Reader) => Promise<Date | null>>;

export type DueKind = keyof typeof calendars;

export const dueKinds = Object.keys(calendars) as DueKind[];

export interface Due {
  /** In whole milliseconds, cut, as Node's dates are. */
  readonly at: Date;
  readonly kind: DueKind;
}

/** The earliest due time of all, in domain time, whether it lies ahead or has passed; null when nothing is ever due. */
export async function findNextDue(reader: Reader): Promise<Due | null> {
  const found = await Promise.all(dueKinds.map(async (kind) => ({ kind, at: await calendars[kind](reader) })));
  return found.reduce<Due | null>((first, { kind, at }) => (at && (!first || at < first.at) ? { kind, at } : first), null);
}
