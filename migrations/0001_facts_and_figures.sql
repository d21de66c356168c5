-- Facts: appended, never changed.
create table setting (
  key text not null primary key,
  value text not null
);

create table register_row (
  kind text not null,
  key text not null,
  recorded_ms bigint not null,
  recorded_by text not null,
  body text not null,
  primary key (kind, key, recorded_ms)
);

-- Personal data, apart from every fact so that it can be erased.
create table person (
  household text not null primary key,
  head_name text not null,
  address text not null,
  folded text not null
);

create table operation (
  id text not null primary key,
  kind text not null,
  household text,
  place text,
  day text not null,
  at_ms bigint not null,
  voids text,
  reading_device text,
  contrary bigint not null,
  recorded_ms bigint not null,
  recorded_by text not null,
  body text not null
);
create index operation_household on operation (household, at_ms);
create index operation_place on operation (place, day);
create index operation_voids on operation (voids) where voids is not null;
create index operation_reading on operation (reading_device, at_ms) where reading_device is not null;

create table reading (
  device text not null,
  log text not null,
  seq bigint not null,
  boot bigint not null,
  ms bigint not null,
  at_ms bigint,
  clock text not null,
  sent_ms bigint,
  received_ms bigint not null,
  simulated bigint not null,
  time_ms bigint not null,
  grade text not null,
  kind text not null,
  body text not null,
  extra text not null,
  primary key (device, log, seq)
);
-- Covers what presence asks, so that a day of heartbeats is read from the index alone.
create index reading_time on reading (device, time_ms, grade, log, seq);
create index reading_use on reading (device, time_ms) where kind <> 'heartbeat';

-- The numbers of each log that are stored or declared lost, as disjoint ranges.
create table log_range (
  device text not null,
  log text not null,
  first bigint not null,
  last bigint not null,
  primary key (device, log, first)
);

create table quarantine (
  id text not null primary key,
  code text not null,
  reason text not null,
  topic text not null,
  device text,
  log text,
  seq bigint,
  raw_hex text not null,
  size_bytes bigint not null,
  first_ms bigint not null,
  last_ms bigint not null,
  count bigint not null
);
create index quarantine_last on quarantine (last_ms);

create table device_state (
  device text not null primary key,
  last_seen_ms bigint,
  online bigint,
  online_ms bigint,
  log text,
  next_seq bigint,
  firmware text,
  battery_mv bigint,
  battery_ms bigint
);

-- What must be computed again. `generation` rises with each mark, so that a mark set while its work runs survives.
create table stale (
  kind text not null,
  key text not null,
  day text not null,
  generation bigint not null,
  primary key (kind, key, day)
);

-- Derived rows: may be dropped and rebuilt at any time.
create table pickup (
  id text not null primary key,
  place text not null,
  station text not null,
  stream text not null,
  day text not null,
  time_ms bigint not null,
  household text,
  source text not null,
  net_g bigint,
  accepted bigint not null,
  body text not null
);
create index pickup_station on pickup (station, time_ms);
create index pickup_place on pickup (place, day);
create index pickup_household on pickup (household, time_ms) where household is not null;
create index pickup_time on pickup (time_ms, id);

create table round (
  place text not null,
  stream text not null,
  day text not null,
  start_ms bigint not null,
  end_ms bigint not null,
  ran bigint not null,
  observable bigint not null,
  crew_opened bigint not null,
  primary key (place, stream, day, start_ms)
);

create table device_day (
  device text not null,
  day text not null,
  place text not null,
  area text not null,
  working_ms bigint not null,
  scheduled_ms bigint not null,
  received bigint not null,
  missing bigint not null,
  primary key (device, day)
);
create index device_day_day on device_day (day, area);

create table tonnage_day (
  place text not null,
  stream text not null,
  day text not null,
  area text not null,
  weighed_g bigint not null,
  manual_g bigint not null,
  estimated_g bigint not null,
  unknown_household_g bigint not null,
  pickups bigint not null,
  primary key (place, stream, day)
);
create index tonnage_day_day on tonnage_day (day, area);

-- A household's state from one day through another; the last one of a household is open (9999-12-31).
create table household_state (
  household text not null,
  from_day text not null,
  to_day text not null,
  area text not null,
  state text not null,
  reason text,
  weakest text,
  at_least_one bigint not null,
  enrolled bigint not null,
  primary key (household, from_day)
);

create table area_day (
  area text not null,
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
  primary key (area, day)
);
create index area_day_day on area_day (day);
