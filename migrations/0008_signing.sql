-- Closed months: what an officer signed. Appended, never changed; no rebuild touches them.
create table month_report (
  month text not null,
  revision bigint not null,
  format text not null,
  -- SHA-256 of `content`, hexadecimal.
  sha256 text not null,
  -- Canonical JSON (RFC 8785), byte for byte what was hashed.
  content text not null,
  -- Every household's state at the month's end; its SHA-256 stands in `content`.
  states text not null,
  closed_ms bigint not null,
  closed_by text not null,
  primary key (month, revision)
);

-- Audits: random samples of households, drawn once.
create table audit (
  id text not null primary key,
  day text not null,
  seed text not null,
  size bigint not null,
  -- The states that the sample was drawn from, as in `month_report.states`, with their SHA-256.
  frame text not null,
  frame_sha256 text not null,
  -- Households of each stratum of the frame, a JSON object.
  strata text not null,
  -- The closed month's revision that the frame is taken from; null: the states of that day as they were at the draw.
  revision bigint,
  register_version text,
  drawn_ms bigint not null,
  drawn_by text not null
);
create index audit_day on audit (day);

create table audit_sample (
  audit text not null references audit (id),
  household text not null,
  stratum text not null,
  position bigint not null,
  primary key (audit, household)
);

-- What was found at a household. The later row holds.
create table audit_result (
  id text not null primary key,
  audit text not null references audit (id),
  household text not null,
  result text not null,
  day text not null,
  note text not null,
  recorded_ms bigint not null,
  recorded_by text not null
);
create index audit_result_household on audit_result (audit, household);
