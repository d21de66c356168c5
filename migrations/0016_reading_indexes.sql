-- A reading in use stood in both of the indexes that these take the place of; now every reading is in one. That of heartbeats covers what
-- presence asks, so that a day of them is read from the index alone; of readings in use the rows themselves are wanted.
drop index reading_time;
drop index reading_use;
create index reading_use on reading (device, time_ms, log, seq) where kind <> 'heartbeat';
create index reading_beat on reading (device, time_ms, log, seq, grade) where kind = 'heartbeat';
