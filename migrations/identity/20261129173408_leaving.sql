-- When a member left, by the event of the highest version.
alter table identity_member add column left_at {ts};
alter table identity_member add column version bigint not null default 0;
