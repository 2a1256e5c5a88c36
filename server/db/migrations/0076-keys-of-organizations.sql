-- feature: identity, mailings
-- why:     a sender sees which clients and certificates were used for it, and when; until now a certificate left a line in the log alone
-- locks:   identity.client, share; mailings.mailing, access exclusive; milliseconds
create table identity.certificate (
  thumbprint      text        primary key check (thumbprint ~ '^[0-9a-f]{64}$'),
  organization_id uuid        not null references register.party (id),
  valid_to        timestamptz not null,
  first_seen_at   timestamptz not null,
  last_seen_at    timestamptz not null
);
create index certificate_organization on identity.certificate (organization_id, last_seen_at desc);
create index client_organization on identity.client (organization_id, client_id);

-- Whom the sender leaves out when it lets a mailing go, by how likely it is that they open it.
alter table mailings.mailing add column leave_out text[] not null default '{}'
  check (leave_out <@ array['UNREACHABLE', 'GRANTABLE', 'COLD']);
