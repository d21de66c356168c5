-- Required streams that are not accounted for during the span, each code with a space before and after.
alter table household_state add column missing text not null default '';
-- Finds who has which state on a day of late without reading what is long past.
create index household_state_to on household_state (to_day, from_day);
-- The spans of earlier versions lack the new column: they are computed again.
insert into stale (kind, key, day, generation)
  select 'household', household, min(from_day), 1 from household_state group by household
  on conflict (kind, key, day) do nothing;
-- Rounds of some days, whatever the place.
create index round_day on round (day, place);
