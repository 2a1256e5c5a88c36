-- feature: access
-- why:     a policy may come as XACML: it is kept as it came, and may ask less of a service owner's machine than of a person
-- locks:   access.resource, access exclusive, milliseconds
alter table access.resource
  add column policy_xml    text,                                                  -- null: senders and readers, or rules of our own
  add column min_level_org smallint check (min_level_org between 0 and 4);       -- null: the same as min_level
