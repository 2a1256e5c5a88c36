import { sql, type Tx } from '#kernel/database.ts';
import { notifyGrantors, tellNoOpener } from '../climb/decide-step.ts';
import type { WatchKey } from '../types.ts';
import { isOpen } from './open.ts';

/** Steps of a watch's ladder that come within so long of its publication, and are taken for what hinders it. */
const stepsWithin = (grace: ReturnType<typeof sql>) => sql`
  from watch.ladder_step s
 where s.ladder = i.ladder and s.version = i.ladder_version
   and watch.step_due_at(i.published_at, s.after, s.working_days) <= i.published_at + ${grace}
   and (s.spec -> 'when' = '[]' or s.spec -> 'when' ? why.cause)`;

/**
 * What is published and nobody can open is told of at once, whatever days its ladder has: its sender, and whoever could let somebody in, where
 * no step of the ladder tells them by then. An owner has a day to turn to those who could let somebody in, and where there are any, to tell the
 * sender of a file.
 * Planning twice plans once. Why it is unread is asked in one place (`offset 0`): to plan it takes longer than all the rest. -- index: the primary key
 */
export function saveSealedAtOnce(tx: Tx, rows: readonly (WatchKey & { readonly at: Date })[]): void {
  if (rows.length === 0) return;
  tx.send(sql`
    with missing as (
      select i.about, i.party_id, i.published_at, t.spec
        from unnest(${rows.map((r) => r.about)}::uuid[], ${rows.map((r) => r.party)}::uuid[], ${rows.map((r) => r.at)}::timestamptz[]) as r(about, party_id, at)
        join watch.item i on i.about = r.about and i.party_id = r.party_id and ${isOpen} and i.published_at = r.at
       cross join lateral (select c.cause from watch.cause_by_facts c where c.about = i.about and c.party_id = i.party_id offset 0) why
       cross join lateral (
         select ${JSON.stringify(tellNoOpener)}::jsonb as spec
          where i.openers = 0
            and not exists (select ${stepsWithin(sql`case when i.is_file and i.grantors > 0 then interval '1 day' else interval '0' end`)}
                               and (s.spec ->> 'who' = 'openers' or s.spec ->> 'who' = 'grantors' and i.grantors > 0
                                    or s.spec ->> 'who' = 'sender' and s.spec ->> 'channel' <> 'event'))
          union all
         select ${JSON.stringify(notifyGrantors)}::jsonb
          where i.grantors > 0 and (i.openers = 0 or i.attachment_locked)
            and not exists (select ${stepsWithin(sql`interval '1 day'`)}
                               and (s.spec ->> 'who' = 'grantors' or s.spec ->> 'otherwise' = 'grantors'))) t),
    planned as (
      insert into watch.step (id, about, party_id, name, spec, source, due_at, changed_at)
      select watch.step_id(about, party_id, 'sealed ' || (spec ->> 'name')), about, party_id, spec ->> 'name', spec, 'policy', published_at, published_at
        from missing
      on conflict (id) do nothing
      returning about, party_id, name, due_at)
    update watch.item i set next_action = p.name, next_action_at = p.due_at
      from (select distinct on (about, party_id) * from planned order by about, party_id, name) p
     where i.about = p.about and i.party_id = p.party_id and i.next_action_at > p.due_at`);
}
