-- Who handed a statement in, where that is not who stated it: a file names its own authors. Null: the same person, or recorded before
-- this was kept. No figure looks at it; what one person records without a second one is counted by it.
alter table operation add column entered_by text;
create index operation_recorded on operation (recorded_ms);
