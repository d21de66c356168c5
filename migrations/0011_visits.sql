-- How long verifications alone hold up the state of a household that sorts, from one day through another; the last one of a household is
-- open (9999-12-31). Derived rows: may be dropped and rebuilt.
create table household_verified (
  household text not null,
  from_day text not null,
  to_day text not null,
  -- The hamlet, so that what runs out is counted from the index alone.
  area text not null,
  -- The last day on which every verification that is needed stands.
  until_day text not null,
  -- Required streams whose only evidence ends with that day, each code with a space before and after.
  streams text not null,
  primary key (household, from_day)
);
create index household_verified_until on household_verified (until_day, to_day, from_day, area);

-- Households where visitors saw something on a day, and where they only tried.
create table visit_day (
  day text not null,
  area text not null,
  visited bigint not null,
  not_seen bigint not null,
  primary key (day, area)
);

-- One hamlet's households of a day, without those of all others.
create index household_state_area on household_state (area, to_day, from_day);

-- What was computed before these rows were there is computed again.
insert into stale (kind, key, day, generation)
  select 'household', household, min(from_day), 1 from household_state where true group by household
  on conflict (kind, key, day) do nothing;
insert into stale (kind, key, day, generation)
  select distinct 'statement', '', day, 1 from operation where kind in ('visit', 'pathway')
  on conflict (kind, key, day) do nothing;
