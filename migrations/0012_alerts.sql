-- What a device's own events of a day tell of its condition. Derived: may be dropped and rebuilt.
create table condition_day (
  device text not null,
  day text not null,
  place text not null,
  battery_low_mv bigint,
  battery_last_mv bigint,
  zeros bigint not null,
  zero_low_g bigint,
  zero_mid_g bigint,
  zero_high_g bigint,
  settled bigint not null,
  unstable bigint not null,
  overload bigint not null,
  below_min bigint not null,
  below_zero bigint not null,
  step_g bigint,
  division_g bigint,
  run bigint not null,
  run_g bigint,
  run_ms bigint not null,
  reads bigint not null,
  rebuilt bigint not null,
  neighbour bigint not null,
  received bigint not null,
  primary key (device, day)
);
create index condition_day_day on condition_day (day, device);

-- What was stated of households, counted by the place that it was stated at, or else the household's point. Derived.
create table place_statement_day (
  day text not null,
  place text not null,
  word text not null,
  count bigint not null,
  primary key (day, place, word)
);

-- What was computed before these tables were there is computed again.
insert into stale (kind, key, day, generation)
  select distinct 'place', place, day, 1 from device_day where true
  on conflict (kind, key, day) do nothing;
insert into stale (kind, key, day, generation)
  select distinct 'statement', '', day, 1 from operation where true
  on conflict (kind, key, day) do nothing;

-- Alerts: what was seen, and when. No facts and no figures: no rebuild touches them.
create table alert (
  id text not null primary key,
  kind text not null,
  -- `commune`, `area`, `place` or `device`, and its code.
  subject_of text not null,
  subject text not null,
  -- What was found last, JSON.
  cause text not null,
  first_ms bigint not null,
  -- null: it has not held for long enough, and nobody is told.
  raised_ms bigint,
  last_ms bigint not null,
  -- null: it holds, or nothing is proven.
  clear_ms bigint,
  -- null: it is open.
  resolved_ms bigint
);
-- One open alert a kind and subject.
create unique index alert_open on alert (kind, subject_of, subject) where resolved_ms is null;
create index alert_resolved on alert (resolved_ms, id) where resolved_ms is not null;
create index alert_subject on alert (subject_of, subject, first_ms);

-- That somebody has seen an alert and takes care of it (taken_back 0), or does not after all (1). Appended, never changed; the later
-- row holds.
create table alert_acknowledgement (
  id text not null primary key,
  alert text not null references alert (id),
  taken_back bigint not null,
  note text not null,
  recorded_ms bigint not null,
  recorded_by text not null
);
create index alert_acknowledgement_alert on alert_acknowledgement (alert, recorded_ms);
