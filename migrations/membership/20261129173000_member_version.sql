-- The version of a member's data: it grows with every correction, and a correction names the version it corrects.
alter table member add column version bigint not null default 1;
