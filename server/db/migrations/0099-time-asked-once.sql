-- feature: watch, access
-- why:     a round over all open watches asked what time it is for each of them, which took half of it, and so did who is asked who can open;
--          and the key of a ladder's step was worked out by a function of its own each time, since what it does was declared to be more certain
--          than it is
-- locks:   none that anybody waits for: views and a function alone

create or replace view watch.faulty as
select i.about, i.party_id,
       case when s.due_at is null then 'no step to come'
            when i.next_action_at > s.due_at then 'next action later than the next step'
            when not exists (select from watch.need n where n.about = i.about and n.party_id = i.party_id) then 'nothing is known of what opening takes'
            else 'next action beyond all ladders' end as fault
  from watch.item i
  left join lateral (select min(s.due_at) as due_at from watch.step s where s.about = i.about and s.party_id = i.party_id and s.state = 'due') s on true
 where i.settled_at is null
   and (s.due_at is null or i.next_action_at > s.due_at
        or (i.next_action <> 'publish' and i.next_action_at > (select clock.now() + interval '400 days'))
        or not exists (select from watch.need n where n.about = i.about and n.party_id = i.party_id));

-- Numbers made into text by a cast are immutable, by || with a text they are not: only so is it a part of the statement that names it.
create or replace function watch.ladder_key(turn smallint, rank smallint) returns text language sql immutable parallel safe as $$
  select 'ladder ' || case turn when 0 then '' else turn::text || '/' end || rank::text
$$;

create or replace view access.subject as
  select p.id, p.kind, p.number, p.org_code, p.party_id, p.unit_type, p.parent_id,
         (select true from register.contact_point c
           where c.party_id = p.id and (p.kind <> 'person' or c.fresh_at > (select clock.now() - interval '18 months')) limit 1) is true as has_contact,
         p.last_login_on,
         p.alive and (p.kind <> 'system-user' or (select o.alive from register.party_face o where o.id = p.parent_id) is not false) as alive
    from register.party_face p;
