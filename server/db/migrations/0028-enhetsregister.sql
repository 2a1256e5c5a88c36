-- feature: enhetsregister
-- why:     who exists and who has which role is read in from the open files of the Register of Legal Entities, by millions of rows
-- locks:   none
create schema enhetsregister;

-- One run over a set of files. What is done stands here, so that one that was broken off goes on where it was.
create table enhetsregister.import (
  id         uuid        primary key,
  files      text        not null,                 -- SHA-256 of what was given
  step       text        not null check (step in ('stage', 'main', 'parents', 'sub', 'roles', 'gone', 'done')),
  through    text        not null default '',      -- within the step: the last number that is done
  staged     jsonb       not null default '{}',    -- rows that were taken in, by kind: fewer than that are found after a crash
  counts     jsonb       not null default '{}',
  started_at timestamptz not null,
  ended_at   timestamptz
);
create unique index import_open on enhetsregister.import (files) where step <> 'done';
create index import_done on enhetsregister.import (ended_at) where step = 'done';

-- What stands in the files of an organization, and not with the party. Only these are ever taken to be gone from the register.
create table enhetsregister.unit (
  number           text  primary key,
  kind             text  not null check (kind in ('main', 'sub')),
  business_address jsonb,
  postal_address   jsonb
);

-- The files as they were read, until they are applied. A crash empties them, which the run notices.
create unlogged table enhetsregister.staged_unit (
  number           text not null,
  kind             text not null,
  name             text not null,
  unit_type        text,
  parent_number    text,
  language         text,
  deleted_on       date,
  business_address jsonb,
  postal_address   jsonb
);
create index staged_unit_number on enhetsregister.staged_unit (kind, number);
create index staged_unit_any on enhetsregister.staged_unit (number);

create unlogged table enhetsregister.staged_role (
  at_number     text not null,
  role          text not null,
  holder_number text,                               -- of an organization, or of a person where the file has it
  holder_kind   text not null check (holder_kind in ('organization', 'person')),
  holder_name   text,
  born          text                                -- DDMMYY: all that the open file says of who a person is
);
create index staged_role_at on enhetsregister.staged_role (at_number);
