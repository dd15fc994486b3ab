-- The version of a hub's copy, so that an older event never overwrites a newer one, and when a device was retired.

alter table identity_hub add column version bigint not null default -1;
alter table identity_device add column retired_at {ts};
