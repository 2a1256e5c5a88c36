-- feature: access
-- why:     a person's address that nobody has confirmed or used for 18 months (eForvaltningsforskriften § 32) is not written to, so whoever
--          has no other cannot be reached; who can open counted it as a contact all the same
-- locks:   access.subject, for a moment
create or replace view access.subject as
  select p.id, p.kind, p.number, p.org_code, p.party_id, p.unit_type, p.parent_id,
         (select true from register.contact_point c
           where c.party_id = p.id and (p.kind <> 'person' or c.fresh_at > clock.now() - interval '18 months') limit 1) is true as has_contact,
         p.last_login_on,
         p.alive and (p.kind <> 'system-user' or (select o.alive from register.party_face o where o.id = p.parent_id) is not false) as alive
    from register.party_face p;
