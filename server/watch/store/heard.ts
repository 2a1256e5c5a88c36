import { type Reader, sql, type Tx } from '#kernel/database.ts';
import type { PartyId } from '#kernel/ids.ts';
import { toGrantors, toOpeners } from '#notifications/index.ts';
import type { WatchKey } from '../types.ts';
import { type Among, within } from './among.ts';
import { isOpen } from './open.ts';

/** Who at the recipient has been told of a piece of post, or is about to be, by a notice of its own or one of several things. */
export interface Heard extends WatchKey {
  /** As somebody who can open, and as somebody who could let somebody in; null: nobody. */
  readonly openers: readonly PartyId[] | null;
  readonly grantors: readonly PartyId[] | null;
  /** Why the last step toward those who can open told nobody; null where it told somebody. */
  readonly reason: string | null;
}

/** Nothing stands for what no step has told of yet. -- index: step_about, and of notices the unique key that begins with the step */
export function listHeard(reader: Reader, keys: readonly WatchKey[]): Promise<Heard[]> {
  return reader.all<Heard>(sql`
    select s.about, s.party_id as party,
           array_agg(distinct n.to_id) filter (where n.purpose = any(${toOpeners})) as openers,
           array_agg(distinct n.to_id) filter (where n.purpose = any(${toGrantors})) as grantors,
           (array_agg(s.reason order by s.changed_at desc, s.due_at desc, s.id desc)
              filter (where s.spec ->> 'who' = 'openers' and s.spec ->> 'channel' <> 'inbox'
                        and (s.state = 'done' or s.reason in ('no-contact-point', 'systems-only'))))[1] as reason
      from unnest(${keys.map((k) => k.about)}::uuid[], ${keys.map((k) => k.party)}::uuid[]) as k(about, party_id)
      join watch.step s on s.about = k.about and s.party_id = k.party_id and s.state in ('done', 'skipped')
      left join notifications.notice_face n on n.step_id = coalesce(s.notice_step, s.id) and n.to_id is not null and n.cancelled_at is null
            and n.state in ('due', 'handing-over', 'handed-over', 'delivered')
     group by s.about, s.party_id`);
}

/** Whether the last word to those at the recipient reached somebody: where it did not, whoever gets an address is told at once. */
export interface Reach extends WatchKey {
  readonly isReached: boolean;
}

export function saveReach(tx: Tx, rows: readonly Reach[], at: Date): void {
  if (rows.length === 0) return;
  tx.send(sql`
    update watch.item i set unreached_at = case when r.reached then null else coalesce(i.unreached_at, ${at}) end
      from unnest(${rows.map((r) => r.about)}::uuid[], ${rows.map((r) => r.party)}::uuid[], ${rows.map((r) => r.isReached)}::boolean[])
           as r(about, party_id, reached)
     where i.about = r.about and i.party_id = r.party_id and ${isOpen}`);
}

export interface Unreached extends WatchKey {
  readonly party: PartyId;
  readonly resource: string;
  readonly isOpened: boolean;
  /** Domain time of the claim. */
  readonly at: Date;
}

export interface UnreachedAfter {
  readonly about: string | null;
  readonly party: PartyId | null;
}

/** Open watches of which nobody had an address when they were last to be told, or none that took a notice. -- index: item_open_unreached */
export function claimUnreached(
  tx: Tx,
  { after, among }: { readonly after: UnreachedAfter; readonly among: Among },
  limit: number,
): Promise<Unreached[]> {
  const from = after.about === null ? sql`` : sql`and (i.about, i.party_id) > (${after.about}::uuid, ${after.party}::uuid)`;
  return tx.all(sql`
    select i.about, i.party_id as party, i.resource_id as resource, i.opened_at is not null as "isOpened", clock.now() as at from watch.item i
     where i.settled_at is null and i.unreached_at is not null and i.published_at is not null and i.failed_at is null ${from} ${within(among, sql`i`)}
     order by i.about, i.party_id limit ${limit} for update skip locked`);
}
