-- feature: access
-- why:     whoever tried a message without the right is seen by those whose post it is, and names of persons cannot be tried out without end
-- locks:   audit_entry, access exclusive, while a column is added and the indexes are built: no row is rewritten
alter table access.audit_entry
  add column refused_in timestamptz;      -- the hour of an attempt at a message that was refused; null: a decision that was asked for
create unique index audit_entry_refused on access.audit_entry (instance, subject_id, asked_by, action, refused_in) nulls not distinct
  where refused_in is not null;
create index audit_entry_attempts on access.audit_entry (instance, id) where refused_in is not null;

-- How often persons were named by a number and a name that do not fit, in an hour of real time: by whom, and of whom.
create table access.name_guess (
  about    text        primary key,       -- who named, or a digest of the number that was named
  since    timestamptz not null,
  failures integer     not null
);
create index name_guess_since on access.name_guess (since);
