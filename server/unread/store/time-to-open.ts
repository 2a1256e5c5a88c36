import { type Reader, type Sql, sql } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { type PostKind, postKinds } from '../policies.ts';
import { causeAfterWeek, type HowFast, howFast, wasOpenAfterWeek } from './how-fast.ts';

export interface TimeToOpenRow extends HowFast {
  readonly resource: string;
  readonly recipientKind: string;
  /** Why it was open a week after publication; null of what was opened or ended by then, or is not a week old. */
  readonly causeAtDay7: string | null;
  readonly published: number;
  readonly opened: number;
  /** Settled by whatever, opened or not: as `closed` of a statement. */
  readonly closed: number;
  readonly neverOpened: number;
}

/** Post of one sender that was published in a period. */
export interface Published {
  readonly sender: PartyId;
  readonly kinds: readonly PostKind[];
  readonly from: Date;
  readonly to: Date;
}

/**
 * What these senders published in a period, and nobody else's: of what is open all that they have, of what has ended the period.
 * -- index: item_open_sender, item_ended_sender
 */
export const publishedBy = (senders: readonly PartyId[], kinds: readonly PostKind[], from: Sql, to: Sql): Sql => {
  const theirs = sql`watch.board_item i where i.sender_id = any(${senders}::uuid[]) and i.published_at >= ${from} and i.published_at < ${to}
             and i.is_file = any(${kinds.map((kind) => kind === 'file')}::boolean[])`;
  return sql`(select i.* from ${theirs} and i.settled_at is null union all select i.* from ${theirs} and i.settled_at is not null)`;
};

/**
 * How long it took until somebody opened what a sender published in a period, by resource, kind of recipient and the cause a week on; from
 * the rows themselves. A share within so many days is of what has had as many (`aged`). `neverOpened`: it ended otherwise, or is still open.
 */
export function measureTimeToOpen(reader: Reader, { sender, kinds, from, to }: Published): Promise<TimeToOpenRow[]> {
  return reader.all<TimeToOpenRow>(sql`
    with published as (
      select i.about, i.party_id, i.resource_id, r.kind, i.settled_at, i.opened_at - i.published_at as took,
             clock.now() - i.published_at as age,
             case when ${wasOpenAfterWeek} then ${causeAfterWeek} end as cause
        from ${publishedBy([sender], kinds, sql`${from}`, sql`${to}`)} i
        join register.party_face r on r.id = i.party_id)
    select p.resource_id as resource, p.kind as "recipientKind", p.cause as "causeAtDay7", count(*)::integer as published,
           count(p.took)::integer as opened, count(p.settled_at)::integer as closed,
           ${howFast},
           count(*) filter (where p.took is null)::integer as "neverOpened"
      from published p
     group by p.resource_id, p.kind, p.cause
     order by p.resource_id, p.kind, p.cause nulls first
     limit 5000`);
}

/** Of what a sender published in the thirty days until the end of a day; whole seconds. */
export interface Opened30 {
  readonly sender: PartyId;
  readonly published: number;
  readonly publishedFiles: number;
  readonly opened: number;
  readonly openedWithin7Days: number;
  readonly medianSeconds: number | null;
  readonly p90Seconds: number | null;
}

/** How long it took until their post was opened, for each of these senders. */
export async function measureThirtyDays(reader: Reader, senders: readonly PartyId[], to: Date): Promise<Opened30[]> {
  if (senders.length === 0) return [];
  return reader.all<Opened30>(sql`
    with published as (
      select i.sender_id, i.is_file, case when i.opened_at < ${to} then i.opened_at - i.published_at end as took
        from ${publishedBy(senders, postKinds, sql`${to}::timestamptz - interval '30 days'`, sql`${to}`)} i)
    select p.sender_id as sender, count(*)::integer as published, (count(*) filter (where p.is_file))::integer as "publishedFiles",
           count(p.took)::integer as opened, count(*) filter (where p.took <= interval '7 days')::integer as "openedWithin7Days",
           extract(epoch from percentile_cont(0.5) within group (order by p.took))::integer as "medianSeconds",
           extract(epoch from percentile_cont(0.9) within group (order by p.took))::integer as "p90Seconds"
      from published p
     group by p.sender_id`);
}
