-- A pickup remembers that a tag was read with it, also where a crew named the household: those stored before do not. A route's hamlet
-- is that of its first household in walking order.
insert into stale (kind, key, day, generation)
  select distinct 'place', place, day, 1 from pickup where true
  on conflict (kind, key, day) do nothing;
insert into stale (kind, key, day, generation)
  select distinct 'place', place, day, 1 from round where true
  on conflict (kind, key, day) do nothing;
