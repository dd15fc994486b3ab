-- The version of a hub's copy, so that an older event never overwrites a newer one, and whether the hub is closed.

alter table events_hub add column version bigint not null default 0;
alter table events_hub add column is_closed boolean not null default false;
