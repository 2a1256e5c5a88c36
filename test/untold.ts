/**
 * A query of what steps say that they told and nobody was: what the evidence of a step says is held against the notices that are there, to
 * as many people, or the sender's mail of the day that tells of it. A notice that was not sent because its address had heard the same counts
 * as told.
 */
export const untold = `
    with said as (
      select e.about, e.recipient as party_id, e.core::jsonb ->> 'step' as step, e.core::jsonb ->> 'toldKind' as kind,
             sum((e.core::jsonb ->> 'told')::integer)::integer as told, count(*)::integer as times
        from evidence.evidence e join evidence.event k on k.code = e.event
       where k.name = 'LadderStep' and e.core::jsonb ? 'told' group by 1, 2, 3, 4),
    kept as (
      select step_id, to_id from notifications.notice union select step_id, to_id from notifications.suppressed),
    made as (
      select s.about, s.party_id, s.name as step, count(distinct (s.id, k.to_id))::integer as people, count(distinct s.id)::integer as times
        from watch.step s join kept k on k.step_id in (s.id, s.notice_step) where s.state = 'done' group by 1, 2, 3)
    select said.about, said.step, said.kind, said.told, coalesce(made.people, 0) as notices
      from said left join made using (about, party_id, step)
     where case when said.kind = 'sender' then coalesce(made.times, 0) < said.times else coalesce(made.people, 0) < said.told end
     limit 20`;
