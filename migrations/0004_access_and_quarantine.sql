-- What devices log in with: Mosquitto's PBKDF2-SHA512 form of a password that is kept nowhere.
create table device_credential (
  device text not null primary key,
  password text not null,
  enabled bigint not null,
  -- When the password was made: by adding the device, or by its last rotation.
  made_ms bigint not null
);

-- How often the embedded broker turned a registered device away, and the last time why.
create table device_refusal (
  device text not null primary key,
  count bigint not null,
  last_ms bigint not null,
  what text not null,
  detail text not null
);

-- Bytes that a row takes on disk, roughly; what the last replay gave (`taken`, `refused`, `conflict`), when, by whom.
alter table quarantine add column kept_bytes bigint not null default 0;
alter table quarantine add column outcome text;
alter table quarantine add column replayed_ms bigint;
alter table quarantine add column replayed_by text;
update quarantine set kept_bytes = 256 + length(raw_hex) + length(reason) + length(topic);
create index quarantine_oldest on quarantine (coalesce(device, ''), last_ms);
create index quarantine_taken on quarantine (last_ms) where outcome = 'taken';
create index quarantine_conflict on quarantine (last_ms) where code = 'conflict';

-- What each device holds of the quarantine; the empty name: what names none.
create table quarantine_share (
  holder text not null primary key,
  held_rows bigint not null,
  held_bytes bigint not null
);
create index quarantine_share_bytes on quarantine_share (held_bytes);
insert into quarantine_share (holder, held_rows, held_bytes)
  select coalesce(device, ''), count(*), cast(sum(kept_bytes) as bigint) from quarantine group by coalesce(device, '');

-- One row: what is held, and what was dropped since the beginning because there was no room.
create table quarantine_sum (
  one bigint not null primary key,
  held_rows bigint not null,
  held_bytes bigint not null,
  dropped bigint not null
);
insert into quarantine_sum (one, held_rows, held_bytes, dropped)
  select 1, count(*), cast(coalesce(sum(kept_bytes), 0) as bigint), 0 from quarantine;
