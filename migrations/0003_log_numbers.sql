-- Numbers of a log that went to quarantine, as disjoint ranges. They outlast the quarantine itself, whose size is limited: a
-- device was told not to send them again. From now on log_range holds them too, beside those stored or declared lost.
create table log_refused (
  device text not null,
  log text not null,
  first bigint not null,
  last bigint not null,
  primary key (device, log, first)
);

-- The greatest number that a device said its log's next event would get.
create table log_next (
  device text not null,
  log text not null,
  next bigint not null,
  primary key (device, log)
);
insert into log_next (device, log, next)
  select device, log, next_seq from device_state where log is not null and next_seq is not null;

-- What devices declared lost, found without reading the rest.
create index reading_lost on reading (device, log) where kind = 'lost';

-- Numbers of a log that a person says will never come (void 1), or may come after all (void 0). The later row holds.
create table gap_correction (
  id text not null primary key,
  device text not null,
  log text not null,
  first bigint not null,
  last bigint not null,
  void bigint not null,
  why text not null,
  recorded_ms bigint not null,
  recorded_by text not null
);
create index gap_correction_log on gap_correction (device, log);

-- Boots that hold events without a time of their own, with the numbers of the first and the last event that has one (null: none).
create table doubtful_boot (
  device text not null,
  log text not null,
  boot bigint not null,
  low bigint,
  high bigint,
  primary key (device, log, boot)
);
insert into doubtful_boot (device, log, boot, low, high)
  select device, log, boot, min(case when grade <> 'received' then seq end), max(case when grade <> 'received' then seq end)
  from reading group by device, log, boot having min(case when grade = 'received' then 0 else 1 end) = 0;
