import { type Sql, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';

/** -- index: notice_about */
export function sendUsed(
  tx: Tx,
  acts: readonly { readonly about: string; readonly party: PartyId; readonly by: PartyId; readonly at: Date }[],
): void {
  tx.send(sql`
    select register.used(n.to_id, array_agg(lower(n.address)), max(o.at))
      from unnest(${acts.map((o) => o.about)}::uuid[], ${acts.map((o) => o.party)}::uuid[], ${acts.map((o) => o.by)}::uuid[],
                  ${acts.map((o) => o.at)}::timestamptz[]) as o(about, party_id, by_id, at)
      join notifications.notice n on n.about = o.about and n.party_id = o.party_id and n.to_id = o.by_id and n.state in ('handed-over', 'delivered')
     group by n.to_id`);
}

/** Of notices that speak of several things: `told` gives the step of each, who has acted, and when. -- index: notice_once */
export function sendUsedOfCommon(tx: Tx, told: Sql): void {
  tx.send(sql`
    select register.used(n.to_id, array_agg(lower(n.address)), max(t.at))
      from (${told}) t
      join notifications.notice n on n.step_id = t.step_id and n.about is null and n.to_id = t.by_id and n.state in ('handed-over', 'delivered')
     group by n.to_id`);
}
