import { type Reader, sql } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';

export interface FailingAddress {
  readonly to: PartyId;
  readonly channel: 'email' | 'sms';
  readonly address: string;
}

export interface FailedAddress extends FailingAddress {
  readonly failedAt: Date;
}

/** Where the last mail or text to these senders about their post has failed, and none has gone since. -- index: notice_mail_to_sender */
export function listFailingOfSenders(reader: Reader, senders: readonly PartyId[], since: Date): Promise<FailedAddress[]> {
  return reader.all<FailedAddress>(sql`
    select to_id as "to", channel, address, changed_at as "failedAt" from notifications.failing_to_sender
     where to_id = any(${senders}::uuid[]) and changed_at > ${since}`);
}

/** Of mails to these about the post of senders: what has gone since, and what waits or is on its way. -- index: notice_mail_to_sender */
export function listGoneOrWaiting(
  reader: Reader,
  senders: readonly PartyId[],
  since: Date,
): Promise<(FailingAddress & { readonly at: Date })[]> {
  return reader.all(sql`
    select n.to_id as "to", n.channel, n.address, greatest(n.changed_at, case when n.state = 'due' then n.due_at end) as at
      from notifications.notice_to_sender s join notifications.notice n on n.id = s.id
     where s.to_id = any(${senders}::uuid[])
       and (s.state in ('due', 'handing-over') or (s.changed_at > ${since} and s.state in ('handed-over', 'delivered')))`);
}
