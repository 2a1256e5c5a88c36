import { type Reader, sql } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';

export interface FailingAddress {
  readonly to: PartyId;
  readonly channel: 'email' | 'sms';
  readonly address: string;
}

/** Where the last mail or text to these senders about their post has failed, and none has gone since. -- index: notice_mail_to_sender */
export function listFailingOfSenders(reader: Reader, senders: readonly PartyId[], since: Date): Promise<FailingAddress[]> {
  return reader.all<FailingAddress>(sql`
    select "to", channel, address
      from (select distinct on (n.to_id, n.channel, lower(n.address)) n.to_id as "to", n.channel, n.address, n.state
              from notifications.notice_to_sender s join notifications.notice n on n.id = s.id
             where s.to_id = any(${senders}::uuid[]) and s.changed_at > ${since} and s.state in ('handed-over', 'delivered', 'failed')
             order by n.to_id, n.channel, lower(n.address), n.changed_at desc) last
     where state = 'failed'`);
}
