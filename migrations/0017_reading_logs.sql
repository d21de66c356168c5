-- A reading names its device and its log by one number in place of two texts, which stood in the row and again in each of its indexes.
-- `reading` shows it with both names, as before; readings are written to `reading_row`.
create table reading_log (
  no bigint not null primary key,
  device text not null,
  log text not null,
  unique (device, log)
);
insert into reading_log (no, device, log)
  select row_number() over (order by device, log), device, log from (select distinct device, log from reading) as known;

create table reading_row (
  log_no bigint not null,
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
  primary key (log_no, seq)
);
insert into reading_row
    (log_no, seq, boot, ms, at_ms, clock, sent_ms, received_ms, simulated, time_ms, grade, kind, body, extra)
  select l.no, s.seq, s.boot, s.ms, s.at_ms, s.clock, s.sent_ms, s.received_ms, s.simulated, s.time_ms, s.grade, s.kind, s.body, s.extra
  from reading as s join reading_log as l on l.device = s.device and l.log = s.log;
drop table reading;

-- Every reading is in one of the two. That of heartbeats covers what presence asks, so that a day of them is read from the index alone.
create index reading_use on reading_row (log_no, time_ms, seq) where kind <> 'heartbeat';
create index reading_beat on reading_row (log_no, time_ms, seq, grade) where kind = 'heartbeat';
-- What devices declared lost, found without reading the rest.
create index reading_lost on reading_row (log_no) where kind = 'lost';

create view reading as
  select s.log_no, l.device, l.log, s.seq, s.boot, s.ms, s.at_ms, s.clock, s.sent_ms, s.received_ms, s.simulated, s.time_ms, s.grade,
    s.kind, s.body, s.extra
  from reading_row as s join reading_log as l on l.no = s.log_no;
