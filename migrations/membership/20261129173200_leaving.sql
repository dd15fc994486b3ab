-- When a member left, why, and when they came back. Nobody is let in between the two.
alter table member add column left_at {ts};
alter table member add column returned_at {ts};
alter table member add column left_reason text;
