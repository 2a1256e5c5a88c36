-- feature: watch, evidence
-- why:     rules looked at what began or falls due within the hour: a watch that lost its steps or its needs later broke none until its
--          next action was near, and one that was closed without evidence broke none at all
-- locks:   none that anybody waits for

-- Open watches that lack what each must have: a step to come, a next action no later than it and not beyond all ladders, and what opening takes.
create view watch.faulty as
select i.about, i.party_id,
       case when s.due_at is null then 'no step to come'
            when i.next_action_at > s.due_at then 'next action later than the next step'
            when not exists (select from watch.need n where n.about = i.about and n.party_id = i.party_id) then 'nothing is known of what opening takes'
            else 'next action beyond all ladders' end as fault
  from watch.item i
  left join lateral (select min(s.due_at) as due_at from watch.step s where s.about = i.about and s.party_id = i.party_id and s.state = 'due') s on true
 where i.settled_at is null
   and (s.due_at is null or i.next_action_at > s.due_at
        or (i.next_action <> 'publish' and i.next_action_at > clock.now() + interval '400 days')
        or not exists (select from watch.need n where n.about = i.about and n.party_id = i.party_id));

-- Those that a round over all open watches has found. One that is sound again counts no more.
create table watch.fault_found (
  about    uuid        not null,
  party_id uuid        not null,
  found_at timestamptz not null default clock.now(),
  primary key (about, party_id)
);

create view evidence.event_face as
select e.about, e.recipient, e.at, n.name as event from evidence.evidence e join evidence.event n on n.code = e.event;
