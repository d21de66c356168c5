-- Pictures of waste: personal data, apart from every fact, so that they can be erased without touching one.
create table photo (
  id text not null primary key,
  -- The crew's pickup.
  pickup text not null,
  -- The scale reading that the pickup names, `device~log~seq`: its pickup in the figures bears the device's id.
  reading text,
  sha256 text not null,
  size_bytes bigint not null,
  -- null: erased. The rest stays, so that a phone that sends it again does not bring it back.
  jpeg bytea,
  recorded_ms bigint not null,
  recorded_by text not null,
  erased_ms bigint,
  erased_by text
);
create index photo_pickup on photo (pickup);
create index photo_reading on photo (reading) where reading is not null;
create index photo_recorded on photo (recorded_ms);

-- Rounds and reports are asked for by day over all places.
create index operation_kind on operation (kind, day);
