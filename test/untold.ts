/**
 * A query of what steps say that they told and nobody was: what the evidence of a step says is held against the notices that are there, to
 * as many people, or the sender's mail of the day that tells of it. A notice that was not sent because its address had heard the same counts
 * as told. One that was called off does where something has happened since the step: the watch ended, somebody opened or read (where
 * nobody opened, our own step comes in the place of what the sender ordered), its addressee has lost access, or the time of a file is over.
 */
export const untold = `
    with said as (
      select e.about, e.recipient as party_id, e.core::jsonb ->> 'step' as step, e.core::jsonb ->> 'toldKind' as kind,
             sum((e.core::jsonb ->> 'told')::integer)::integer as told, count(*)::integer as times
        from evidence.evidence e join evidence.event k on k.code = e.event
       where k.name = 'LadderStep' and e.core::jsonb ? 'told' group by 1, 2, 3, 4),
    kept as (
      select s.id, n.to_id from watch.step s join notifications.notice n on n.step_id in (s.id, s.notice_step)
       where n.state <> 'cancelled'
          or exists (select from watch.item i
                      where i.about = s.about and i.party_id = s.party_id
                        and (i.settled_at <= n.cancelled_at or i.opened_at between s.changed_at and n.cancelled_at or n.access_lost or s.notice_step is not null and i.computed_at >= s.changed_at
                             or i.is_file and i.bytes_until is not null))
          or exists (select from correspondence.message m
                      where n.shipment_id is not null and m.id = s.about and m.read_at <= n.cancelled_at
                        and (m.opened_at <= n.cancelled_at
                             or exists (select from notifications.sender_order r where r.id = s.order_id and r.override)
                             or exists (select from watch.step o where o.id = watch.step_id(s.about, s.party_id, 'in place of ' || s.id))))
          or exists (select from watch.step t
                      where t.about = s.about and t.party_id = s.party_id and t.id <> s.id and t.due_at between s.changed_at and n.cancelled_at
                        and t.name in ('notify-new-opener', 'notify-unlocked', 'notify-grantors', 'tell-no-opener'))
      union select s.id, n.to_id from watch.step s join notifications.suppressed n on n.step_id in (s.id, s.notice_step)),
    made as (
      select s.about, s.party_id, s.name as step, count(distinct (s.id, k.to_id))::integer as people, count(distinct s.id)::integer as times
        from watch.step s join kept k on k.id = s.id where s.state = 'done' group by 1, 2, 3)
    select said.about, said.step, said.kind, said.told, coalesce(made.people, 0) as notices
      from said left join made using (about, party_id, step)
     where case when said.kind = 'sender' then coalesce(made.times, 0) < said.times else coalesce(made.people, 0) < said.told end
     limit 20`;
