-- What stands beside the share, and what the other indicators are made of. Derived rows: may be dropped and rebuilt.

-- A household's practice beside its state, from one day through another; the last one of a household is open (9999-12-31).
create table household_practice (
  household text not null,
  from_day text not null,
  to_day text not null,
  -- Its collection point; empty: none.
  point text not null,
  served bigint not null,
  measured bigint not null,
  participating bigint not null,
  opportunities bigint not null,
  set_outs bigint not null,
  home_treated bigint not null,
  -- Persons; null: not stated.
  people bigint,
  primary key (household, from_day)
);

alter table area_day add column served bigint not null default 0;
alter table area_day add column measured bigint not null default 0;
alter table area_day add column participating bigint not null default 0;
alter table area_day add column opportunities bigint not null default 0;
alter table area_day add column set_outs bigint not null default 0;
alter table area_day add column home_treated bigint not null default 0;
alter table area_day add column people bigint not null default 0;
alter table area_day add column people_stated bigint not null default 0;

create table point_day (
  point text not null,
  day text not null,
  eligible bigint not null,
  sorting bigint not null,
  not_sorting bigint not null,
  only_other bigint not null,
  only_declared bigint not null,
  one_stream_missing bigint not null,
  no_pickup bigint not null,
  not_observable bigint not null,
  device bigint not null,
  crew bigint not null,
  verified bigint not null,
  at_least_one bigint not null,
  enrolled bigint not null,
  served bigint not null,
  measured bigint not null,
  participating bigint not null,
  opportunities bigint not null,
  set_outs bigint not null,
  home_treated bigint not null,
  people bigint not null,
  people_stated bigint not null,
  primary key (point, day)
);
create index point_day_day on point_day (day);

-- Of a device's events in use (heartbeats left out).
alter table device_day add column in_use bigint not null default 0;
alter table device_day add column weights bigint not null default 0;
alter table device_day add column unstable bigint not null default 0;
alter table device_day add column late bigint not null default 0;
alter table device_day add column clock_doubted bigint not null default 0;

-- A place's rounds and hand-overs of one stream and day.
create table place_day (
  place text not null,
  stream text not null,
  day text not null,
  area text not null,
  scheduled bigint not null,
  ran bigint not null,
  observable bigint not null,
  hand_overs bigint not null,
  tagged bigint not null,
  overload bigint not null,
  below_min bigint not null,
  primary key (place, stream, day)
);
create index place_day_day on place_day (day, area);

-- What people stated of households, counted by who, hamlet and day; what was taken back is not counted.
create table statement_day (
  day text not null,
  area text not null,
  recorded_by text not null,
  word text not null,
  count bigint not null,
  primary key (day, area, recorded_by, word)
);

-- Every ticket that was ever stated, by a weighbridge, a form or a file. Of one number the first known that is not void counts.
create table ticket (
  id text not null primary key,
  ticket text not null,
  day text not null,
  at_ms bigint not null,
  vehicle text not null,
  stream text not null,
  gross_g bigint not null,
  tare_g bigint not null,
  destination text not null,
  known_ms bigint not null,
  recorded_by text not null,
  device bigint not null,
  void bigint not null
);
create index ticket_number on ticket (ticket, known_ms);
create index ticket_day on ticket (day);

-- Facts: where tickets are made out to. The newest row of a code rules.
create table destination (
  code text not null,
  recorded_ms bigint not null,
  name text not null,
  kind text not null,
  recorded_by text not null,
  primary key (code, recorded_ms)
);

create index operation_day on operation (day, kind);

-- What was computed before these columns were there is computed again.
insert into stale (kind, key, day, generation)
  select 'household', household, min(from_day), 1 from household_state where true group by household
  on conflict (kind, key, day) do nothing;
insert into stale (kind, key, day, generation)
  select distinct 'place', place, day, 1 from device_day where true
  on conflict (kind, key, day) do nothing;
insert into stale (kind, key, day, generation)
  select distinct 'place', place, day, 1 from round where true
  on conflict (kind, key, day) do nothing;
insert into stale (kind, key, day, generation)
  select distinct 'statement', '', day, 1 from operation where true
  on conflict (kind, key, day) do nothing;
insert into stale (kind, key, day, generation)
  select 'ticket', id, day, 1 from operation where kind = 'ticket'
  on conflict (kind, key, day) do nothing;
