-- Why a version of a register row was recorded; null: nobody said.
alter table register_row add column reason text;

-- Acts over many households, kept until a second person decides. Appended, never changed.
create table proposal (
  id text not null primary key,
  kind text not null,
  reason text not null,
  households bigint not null,
  proposed_ms bigint not null,
  proposed_by text not null,
  body text not null
);
create index proposal_time on proposal (proposed_ms, id);

-- One decision each, for ever.
create table proposal_decision (
  proposal text not null primary key references proposal (id),
  verdict text not null,
  decided_ms bigint not null,
  decided_by text not null,
  reason text
);

-- That a household's personal data was erased, when, by whom and why; never the data.
create table erasure (
  household text not null,
  erased_ms bigint not null,
  erased_by text not null,
  reason text not null,
  primary key (household, erased_ms)
);
