-- The private code by which a household opens its own page: kept as SHA-256 only. Appended, never changed.
create table own_code (
  id text not null primary key,
  household text not null,
  fingerprint text not null,
  made_ms bigint not null,
  made_by text not null,
  -- The codes that were made in one act.
  batch text not null
);
create unique index own_code_fingerprint on own_code (fingerprint);
create index own_code_household on own_code (household, made_ms);

-- That a code is good for nothing any more. Appended, never changed.
create table own_code_end (
  code text not null primary key references own_code (id),
  ended_ms bigint not null,
  ended_by text not null,
  -- null: another code took its place.
  reason text
);
