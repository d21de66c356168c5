-- A reading names its device, its log and a stretch of its numbers, a chapter, by one number in place of two texts, which stood in the
-- row and again in each of its indexes. `reading` shows it with both names, as before; readings are written to `reading_row`.
create table reading_chapter (
  no bigint not null primary key,
  device text not null,
  log text not null,
  -- The number of a reading by 256, rounded down.
  chapter bigint not null,
  -- First and last time of its readings in use, and of its heartbeats (null: none).
  used_from_ms bigint,
  used_to_ms bigint,
  beat_from_ms bigint,
  beat_to_ms bigint,
  unique (device, log, chapter)
);
insert into reading_chapter (no, device, log, chapter, used_from_ms, used_to_ms, beat_from_ms, beat_to_ms)
  select row_number() over (order by first_ms, device, log, chapter), device, log, chapter, used_from_ms, used_to_ms, beat_from_ms, beat_to_ms
  from (select device, log, seq / 256 as chapter, min(received_ms) as first_ms,
      min(case when kind <> 'heartbeat' then time_ms end) as used_from_ms, max(case when kind <> 'heartbeat' then time_ms end) as used_to_ms,
      min(case when kind = 'heartbeat' then time_ms end) as beat_from_ms, max(case when kind = 'heartbeat' then time_ms end) as beat_to_ms
    from reading group by device, log, seq / 256) as known;

create table reading_row (
  chapter_no bigint not null,
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
  primary key (chapter_no, seq)
);
insert into reading_row
    (chapter_no, seq, boot, ms, at_ms, clock, sent_ms, received_ms, simulated, time_ms, grade, kind, body, extra)
  select c.no, s.seq, s.boot, s.ms, s.at_ms, s.clock, s.sent_ms, s.received_ms, s.simulated, s.time_ms, s.grade, s.kind, s.body, s.extra
  from reading as s join reading_chapter as c on c.device = s.device and c.log = s.log and c.chapter = s.seq / 256;
drop table reading;

-- Every reading is in one of the two. That of heartbeats covers what presence asks, so that a day of them is read from the index alone.
create index reading_use on reading_row (chapter_no, time_ms, seq) where kind <> 'heartbeat';
create index reading_beat on reading_row (chapter_no, time_ms, seq, grade) where kind = 'heartbeat';
-- What devices declared lost, found without reading the rest.
create index reading_lost on reading_row (chapter_no) where kind = 'lost';

create view reading as
  select s.chapter_no, c.device, c.log, c.chapter, c.used_from_ms, c.used_to_ms, c.beat_from_ms, c.beat_to_ms, s.seq, s.boot, s.ms, s.at_ms,
    s.clock, s.sent_ms, s.received_ms, s.simulated, s.time_ms, s.grade, s.kind, s.body, s.extra
  from reading_row as s join reading_chapter as c on c.no = s.chapter_no;
